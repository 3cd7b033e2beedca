"""Words beside a name that are no part of it, by what they are; and what is common to the names of many bodies.

Each table is a text of phrases, separated by semicolons or line breaks, in small letters without marks. They hold what
customer files, payment messages, crew lists and newspapers put beside names anywhere in the world: ranks and posts of
armed forces, ministries, parties and firms, forms of address, prefixes and types of ships (as in AIS and port logs),
places. None of them takes a word from a name: the text is compared with these words and without them.
"""

from functools import lru_cache

from app.fields.countries import every_country_name


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    """Split a table into its phrases, each a tuple of words."""
    lines = text.replace("\n", ";").split(";")
    return frozenset(tuple(line.split()) for line in lines if line.strip())


_TITLES = _phrases("""
mr; mrs; miss; ms; mx; messrs; mme; mlle; madame; monsieur; herr; frau; senor; senora; sr; sra; sir; madam; lady; lord
dr; doctor; prof; professor; eng; engineer; rev; reverend; father; hon; honorable; honourable; the honorable; he; hrh
his excellency; her excellency; excellency; comrade; cde; colleague; citizen; chairman; chairwoman; chairperson; chair
vice chairman; deputy chairman; president; vice president; vp; evp; svp; ceo; cfo; coo; cto; managing director; director
deputy director; vice director; director general; general director; executive director; general manager; manager
deputy manager; representative; rep; chief representative; resident representative; deputy representative; agent
head; deputy head; chief; deputy chief; deputy; vice; first vice; secretary; first secretary; second secretary
third secretary; general secretary; secretary general; executive secretary; party secretary; minister; vice minister
deputy minister; prime minister; premier; vice premier; foreign minister; defence minister; defense minister
minister of foreign affairs; minister of defence; minister of defense; ambassador; former ambassador; consul
consul general; vice consul; attache; military attache; commercial attache; trade attache; counsellor; counselor
councillor; charge d affaires; charge daffaires; diplomat; envoy; special envoy; delegate; deputy delegate; governor
mayor; senator; deputy governor; member; politburo member; central committee member; committee member; mp; official
senior official; leader; supreme leader; commander; deputy commander; vice commander; commander in chief; officer
chief engineer; chief officer; second officer; third officer; chief mate; first mate; second engineer; bosun; boatswain
able seaman; seafarer; crew; crew member; master; ship master; shipmaster; skipper; captain; capt; cpt; pilot; cadet
officer in charge; chief of staff; chief of general staff; chief of the general staff; adviser; advisor; scientist
gen; general; lt gen; ltgen; ltg; lieutenant general; lieut general; lieutenant; lieut; lt; ltc; lt col; lieutenant colonel
maj gen; majgen; major general; maj; major; brig; brig gen; brigadier; brigadier general; col gen; colonel general; col
colonel; senior colonel; sr col; sgt; sergeant; cpl; corporal; pvt; private; army general; vice marshal; marshal
adm; admiral; vice admiral; v adm; rear admiral; r adm; commodore; cmdr; cdr; lcdr; lieutenant commander; warrant officer
retired; ret; retd; late; the late; former; formerly; ex minister; acting; owner; beneficial owner; shareholder; signatory
authorised signatory; authorized signatory; accountant; employee; staff; student; trader; worker; passenger; pax
holder; account holder; joint account; applicant; customer; client; sender; remitter; originator; ordering customer
beneficiary; benef; bnf; bene; ben; payee; payer; buyer; seller; consignee; consignor; shipper; notify; notify party; attn
attention; att; c o; care of; co care of; to the order of; to order of; order of; to order; by order of; on behalf of; obo
fao; for the attention of; payment to; paid to; payment; transfer to; transfer; remittance; remit to; invoice; ref; in favour of
in favor of; ifo; account of; account name; account; acct; acc; ac; a c; name; full name; surname; given name; first name
last name; family name; nationality; passport; passport no; passport number; ppt; diplomatic passport; national; born; dob
date of birth; pob; place of birth; birth date; gender; male; female; m; f; wife of; husband of; spouse of; son of
daughter of; brother of; sister of; widow of; wife; husband; spouse; and spouse; and wife; and husband; and family; family
and sons; et al; etal; and others; and co; with; ltd rep
""")
"""Forms of address, ranks, posts, family relations, and the labels of customer and payment records."""

_HONOURS = _phrases("""
phd; ph d; dphil; md; m d; msc; bsc; mba; ba; ma; llb; llm; jd; dds; cpa; acca; cfa; esq; esquire; jr; junior; snr; senior; i; ii; iii; iv
obe; mbe; cbe; kbe; om; kc; qc; hero of labour; hero of labor; hero of the republic; labour hero; labor hero
""")
"""Letters and honours behind a name."""

_SHIPS = _phrases("""
mv; m v; mt; m t; ms; m s; mtv; ss; s s; ts; st; fv; f v; ft; tk; t k; tkr; lpg; lpg c; lpgc; lng; lng c; lngc; vlcc; ulcc
vessel; vessels; the vessel; vessel name; name of vessel; ship; ships; the ship; ship name; motor vessel; motor ship
motor tanker; motor tug; steam ship; steamship; steamer; tanker; oil tanker; product tanker; products tanker; crude oil tanker
chemical tanker; chemical products tanker; chemical oil products tanker; oil products tanker; bunkering tanker; gas carrier
lpg tanker; lng tanker; cargo ship; cargo vessel; general cargo; general cargo ship; general cargo vessel; cargo; freighter
bulk carrier; bulker; ore carrier; container ship; containership; reefer; refrigerated cargo ship; ro ro; roro; ferry
passenger ship; coaster; barge; tug; tugboat; fishing vessel; fishing boat; trawler; dredger; merchant vessel; merchant ship
boat; imo; imo no; imo number; mmsi; call sign; callsign; flag; flagged; dprk flagged; north korean flagged; north korea flagged
ho; hao; maru; dwt; grt; gt; voy; voyage
""")
"""Prefixes, types and labels of ships; Ho, Hao and Maru are "ship" in Korean, Chinese and Japanese."""

_FIRMS = _phrases("""
so called; socalled; branch; branch office; head office; headoffice; headquarters; hq; main office; regional office
representative office; rep office; liaison office; subsidiary; subsidiary of; affiliate; affiliate of; parent company; messrs
the company; company name; state owned; bank account
""")
"""What is put beside the name of a firm or a body."""

_KOREA = _phrases("""
dprk; d p r k; dpr korea; the dprk; north korea; north korean; n korea; nkorea; democratic peoples republic of korea; the democratic peoples republic of korea
democratic people s republic of korea; the democratic people s republic of korea; peoples democratic republic of korea
democratic peoples republic korea; dem peoples rep of korea; democratic people s rep of korea; dem people s rep of korea
korea dpr; korea north; korea dem peoples rep; corea del norte; coree du nord; rpdc; rpd corea; rpd coree; kndr; nordkorea
pyongyang; pyong yang; phyongyang; pyeongyang; pyongyang city; central district; kwp; wpk; kpa; workers party of korea
korean workers party; korea workers party; the workers party of korea; korean peoples army; korean people s army; the korean peoples army
""")
"""The State on the list, its capital, its party and its army."""

_PLACES = _phrases("""
seoul; busan; pusan; incheon; inchon; daegu; suwon; tokyo; osaka; yokohama; kobe; nagoya; beijing; peking; shanghai; dalian
dandong; shenyang; tianjin; guangzhou; shenzhen; hong kong; hongkong; hk; macau; macao; harbin; changchun; yanji; hunchun
tumen; ji an; jian; qingdao; tsingtao; yantai; weihai; ningbo; zhoushan; xiamen; nanjing; wuhan; chengdu; chongqing; liaoning
jilin; shandong; zhejiang; guangdong; fujian; jiangsu; heilongjiang; zhuhai; rizhao; lianyungang; taipei; kaohsiung; taichung
hanoi; ho chi minh city; saigon; haiphong; da nang; danang; phnom penh; vientiane; bangkok; yangon; rangoon; kuala lumpur
labuan; penang; singapore; jakarta; surabaya; manila; kathmandu; dhaka; chittagong; delhi; new delhi; mumbai; chennai
kolkata; karachi; islamabad; lahore; colombo; kabul; tehran; teheran; bandar abbas; kish; kish island; isfahan; baghdad
damascus; latakia; beirut; amman; cairo; alexandria; port said; khartoum; tripoli; benghazi; tunis; algiers; rabat
casablanca; dubai; abu dhabi; sharjah; fujairah; doha; kuwait city; manama; muscat; riyadh; jeddah; sanaa; aden; istanbul
ankara; izmir; moscow; st petersburg; saint petersburg; vladivostok; nakhodka; khabarovsk; kyiv; kiev; odessa; minsk
warsaw; prague; budapest; bucharest; sofia; belgrade; athens; piraeus; limassol; nicosia; valletta; rome; milan; naples
genoa; paris; marseille; madrid; barcelona; lisbon; london; liverpool; manchester; edinburgh; dublin; brussels; antwerp
amsterdam; rotterdam; the hague; luxembourg; berlin; hamburg; frankfurt; munich; bonn; vienna; zurich; geneva; bern
copenhagen; stockholm; oslo; helsinki; riga; vilnius; tallinn; reykjavik; new york; washington; washington dc; los angeles
san francisco; chicago; houston; miami; toronto; ottawa; vancouver; montreal; mexico city; havana; panama city; bogota
caracas; lima; quito; la paz; santiago; buenos aires; brasilia; sao paulo; rio de janeiro; road town; tortola
george town; nassau; hamilton; majuro; apia; suva; sydney; melbourne; canberra; brisbane; perth; auckland; wellington
johannesburg; cape town; pretoria; durban; windhoek; harare; lusaka; luanda; maputo; dar es salaam; dodoma; nairobi
mombasa; kampala; kigali; kinshasa; brazzaville; addis ababa; asmara; mogadishu; djibouti; accra; lagos; abuja; lome
cotonou; dakar; bamako; conakry; freetown; monrovia; malabo; libreville; yaounde; antananarivo; victoria; port louis
ulaanbaatar; ulan bator; astana; almaty; tashkent; bishkek; baku; tbilisi; yerevan; nampo; nampho; rason; rajin; chongjin
hungnam; hamhung; wonsan; sinuiju; kaesong; haeju; songnim; sariwon
""")
"""Capitals, ports and trading places."""

_DEMONYMS = _phrases("""
korean; south korean; chinese; prc; pr china; china prc; roc; japanese; russian; russian federation; vietnamese; taiwanese
iranian; syrian; egyptian; british; american; us; usa; u s a; uk; u k; uae; u a e; rok; republic of korea; south korea; korea; uk london
""")
"""What is said of a State or somebody of it besides the names in ISO 3166-1."""


@lru_cache(maxsize=1)
def set_aside() -> dict[tuple[str, ...], str]:
    """Map every phrase that is no part of a name to what it is."""
    countries = frozenset(tuple(name.split()) for name in every_country_name()) | _DEMONYMS
    kinds = {
        "a form of address, a post, a relation or a label": _TITLES,
        "letters or an honour behind a name": _HONOURS,
        "a prefix, a type or a label of a ship": _SHIPS,
        "a word beside the name of a firm": _FIRMS,
        "a place": _PLACES,
        "a country": countries,
        "the State on the list, its capital, party or army": _KOREA,
    }
    return {phrase: kind for kind, phrases in kinds.items() for phrase in phrases}


KOREAN_KINDS = frozenset(["a word beside the name of a firm", "the State on the list, its capital, party or army"])
"""Kinds of phrases that a body of the DPRK may have beside its name, however common its words are."""

PLACES = _PLACES
"""Capitals, ports and trading places, each as a tuple of words."""

NATIVE_POSTS = tuple(
    sorted(
        """
        제1부부장 부부장 부장 제1부위원장 부위원장 위원장 위원 대사 부총리 총리 상 부상 장관 차관 국장 부국장 총국장
        사령관 부사령관 총참모장 참모장 총정치국장 정치국장 대장 상장 중장 소장 차수 원수 대좌 상좌 중좌 장군 비서
        책임비서 총비서 서기 서기관 참사 참사관 영사 총영사 공사 동지 동무 선생 박사 교수 대표 부대표 사장 부사장 회장
        부회장 행장 지배인 이사 이사장 원장 부원장 실장 과장 처장 단장 의장 부의장 주석 여사 씨 님 군 양 전 현 제1 당
        先生 女士 小姐 同志 部长 部長 副部长 副部長 委员长 委員長 副委员长 副委員長 委员 委員 大使 将军 將軍 大将 大將 上将
        上將 中将 中將 少将 少將 局长 局長 副局长 副局長 司令官 司令 书记 書記 總理 总理 首相 外相 代表 经理 經理 总经理
        總經理 董事长 董事長 博士 教授 船长 船長 氏 様 さん 第一副部長 第一副部长 総局長 総参謀長 総政治局長
        г-н господин товарищ генерал генерал-полковник генерал-лейтенант генерал-майор посол министр директор
        председатель капитан пан السيد الجنرال السفير الوزير الرفيق
        """.split(),
        key=len,
        reverse=True,
    )
)
"""Posts, ranks and forms of address in Hangul, Chinese characters, Cyrillic and Arabic, the longest first."""

STATE_CODES = frozenset(
    "KP PRK CN CHN HK HKG MO RU RUS KR KOR JP JPN VN VNM SG SGP TW TWN MY MYS US USA GB GBR IR IRN SY SYR EG EGY".split()
)
"""Codes of ISO 3166-1, of States that trade with the DPRK or are named in its sanctions, as tables put them behind names."""

GENERIC = frozenset(
    """
    trading trade general bank banking shipping international development technology technologies industry industrial
    industries management joint venture operation operations national foreign united import export department ministry
    committee commission bureau office insurance credit finance financial investment maritime marine overseas association
    associated associates enterprise enterprises agency center service services technical machinery machine equipment
    resources resource natural economic economics economy commercial commerce oil energy company corporation limited
    group korea division third floor first second fourth fifth new old great big academy science sciences research
    institute institution university college school military army navy force forces armed defence security state
    people peoples party workers central strategic command administration authority organization organisation guidance
    supplies supply space global world trust project projects construction engineering plant factory works tool tools
    solid logistics transport transportation freight cargo crew agencies holding holdings capital asia asian pacific
    east west north south eastern western northern southern star golden gold silver sun light bridge hill room unit
    district city town area zone port harbor harbour building house tower plaza hotel restaurant tours travel store
    design art studio culture education health medical hospital information communication communications network
    electronic electronics electric electrical power gas mining metal metals steel chemical chemicals product products
    production manufacturing material materials food foods agriculture agricultural fishery fisheries textile clothing
    consulting consultancy solutions systems system software digital data media press news agencies sales market markets
    real estate property development's public private independent international's leader leading prime best top royal
    imperial federal republic union federation alliance council board assembly congress court police ministry's home
    """.split()
)
"""Words that the names of very many bodies are made of: a name of these alone is nobody's own."""

LEGAL_FORMS = {
    "company": (
        "co coy comp compan company companies cos cie compania compagnie compagnia companhia cia group grp gesellschaft"
        " firma kompania kompaniya kabushiki kaisha gongsi hoesa hoisa partnership"
    ),
    "limited": (
        "ltd limited limitd lmtd ltda limitada ltee pte pvt pty private proprietary plc llc llp gmbh mbh sa sarl srl spa"
        " bv nv oyj aps kft zrt nyrt sro ooo oao zao jsc ojsc cjsc pjsc tbk bhd sdn berhad fzc fze fzco dmcc wll ksc"
        " eirl unlimited"
    ),
    "corporation": (
        "corp corpn corporation corporaton corporacion corporacao inc incorporated incorp cooperation korporatsiya"
    ),
}
"""Legal forms and their shortenings in daily use, world-wide (after ISO 20275, Entity Legal Forms), by kind.

Those that are syllables of Asian names too (AB, AO, AS, KK, PAO, TOO) are left out.
"""
