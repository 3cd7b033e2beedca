"""Names of bodies in other languages, put into English word by word: 조선무역은행 is Korea Trading Bank.

The words that firms, banks, ministries and party organs are called by are looked up, the longest first, in Korean,
Chinese characters (Chinese and Japanese), kana, Russian, Ukrainian, Arabic, Spanish, French, German, Italian and
Portuguese. What is left is a name: of Chinese characters its Korean reading, of other scripts its transcription.
"""

import re
from functools import lru_cache
from itertools import product

from app.fields.text import CACHED, fold
from app.matching.scripts import Script, scripts_of, transcriptions
from app.matching.scripts.chinese import fold_characters
from app.matching.scripts.hanja import spelled

MAX_TRANSLATIONS = 4
"""Most English wordings of one name."""

_KOREAN = """
조선민주주의인민공화국 korea; 조선 korea; 북한 korea; 한국 south korea; 대한민국 republic of korea; 국가 national; 국제 international
무역 trading; 대외무역 foreign trade; 대외 foreign; 대외경제 foreign economic; 해외 overseas; 은행 bank; 신용 credit
신용은행 credit bank; 개발 development; 개발은행 development bank; 통일 united; 연합 united; 련합 united; 합작 joint venture
합영 joint venture; 합영회사 joint venture company; 회사 company; 총회사 general corporation | company; 무역회사 trading company
상사 trading company; 공사 corporation; 총공사 general corporation; 종합회사 general corporation | company; 종합 general
그룹 group; 집단 group; 회사그룹 group of companies; 유한회사 limited; 유한책임회사 limited; 주식회사 corporation
기계 machinery; 기계공업 machine industry; 설비 equipment; 기술 technology; 공업 industry; 산업 industry; 과학 science; 과학기술 science technology
과학원 academy science; 자연과학원 academy of natural sciences; 국방과학원 academy of national defence science; 국방 national defence
국방성 ministry of national defence; 국방부 ministry of national defence; 인민무력성 ministry of the peoples armed forces
인민무력부 ministry of the peoples armed forces; 무력성 ministry armed forces; 성 ministry; 부 department; 국 bureau
총국 general bureau; 관리국 management bureau; 위원회 committee; 경제위원회 economic committee; 경제 economic
제1 first; 제2 second; 제3 third; 제4 fourth; 제5 fifth; 연구소 institute; 연구원 research institute; 대학 university
원자력 atomic energy; 원자력공업성 ministry of atomic energy industry; 우주 space; 우주공간 space; 우주공간기술 space technology
우주개발 aerospace development; 우주개발국 aerospace development administration; 항공우주 aerospace; 기술총국 technology administration
보험 insurance; 민족 national; 민족보험 national insurance; 재보험 reinsurance; 화학 chemical; 금속 metal; 광업 mining | mining development
광업개발 mining development; 광물 mineral; 석탄 coal; 석유 oil; 원유 oil; 해운 shipping; 선박 shipping; 해양 ocean maritime; 해사 maritime
해양운송 maritime; 운송 transport; 관리 management; 조선소 shipyard; 수출입 export and import; 수입 import; 수출 export
정찰 reconnaissance; 정찰총국 reconnaissance general bureau; 조직지도부 organization and guidance department; 조직 organization
지도 guidance; 선전선동부 propaganda and agitation department; 선전 propaganda; 선동 agitation; 군수공업부 munitions industry department
군수 munitions; 중앙군사위원회 central military commission; 당중앙군사위원회 central military commission; 중앙 central; 군사 military
중앙위원회 central committee; 조선로동당 kwp; 조선노동당 kwp; 노동당 kwp; 로동당 kwp; 인민군 kpa; 조선인민군 kpa; 전략 strategic
전략군 strategic force; 전략로케트군 strategic rocket force; 전략로켓군 strategic rocket force; 로케트 rocket; 로켓 rocket
호실 office; 실 office; 홍콩 hong kong; 상하이 shanghai; 일렉트로닉스 electronics; 전자 electronics; 리더 leader; 인터내셔널 international
창작사 art studio; 해외개발회사 overseas project; 건설 construction; 투자 investment; 자원 resources; 천연자원 natural resources
자원개발 natural resources development; 복합 complex; 복합설비 complex equipment; 대동신용은행 daedong credit bank; 통일발전은행 united development bank
발전 development; 상업은행 commercial bank; 동방은행 bank of east land; 금융 finance | bank; 광선금융 kwangson banking; 공작기계 machine tool
"""
_CHINESE = """
朝鲜 korea; 朝鲜民主主义人民共和国 korea; 北朝鲜 korea; 韩国 south korea; 国家 national; 国际 international; 贸易 trading; 贸易公司 trading company
对外贸易 foreign trade; 对外 foreign; 外贸 foreign trade; 海外 overseas; 银行 bank; 信用银行 credit bank; 信用 credit; 商业银行 commercial bank
开发 development; 发展 development; 开发银行 development bank; 联合 united | joint; 合营 joint venture; 合弁 joint venture; 合营公司 joint venture company
公司 company | corporation; 会社 company | corporation; 总公司 general corporation | company; 総合会社 general corporation; 综合会社 general corporation
总会社 general corporation; 总 general; 集团 group; 有限公司 company limited; 有限责任公司 limited; 株式会社 corporation; 商社 trading company; 商会 trading company
机械 machinery; 机器 machinery; 设备 equipment; 装备 equipment; 技术 technology; 工业 industry; 产业 industry; 科学 science; 科学院 academy science
自然科学院 academy of natural sciences; 国防科学院 academy of national defence science; 国防 national defence; 国防部 ministry of national defence
国防省 ministry of national defence; 人民武力部 ministry of the peoples armed forces; 人民武力省 ministry of the peoples armed forces; 省 ministry
部 department; 局 bureau; 总局 general bureau; 委员会 committee; 经济 economic; 第一 first; 第二 second; 第三 third; 第四 fourth; 研究所 institute
原子能 atomic energy; 原子力 atomic energy; 宇宙 space; 宇宙空间 space; 宇宙开发 aerospace development; 航天 aerospace; 航空宇宙 aerospace; 太空 space
开发局 development administration; 保险 insurance; 民族 national; 化学 chemical; 金属 metal; 矿业 mining; 鉱业 mining; 矿业开发 mining development
煤炭 coal; 石油 oil; 海运 shipping; 船务 shipping; 航运 shipping; 船舶 shipping; 海事 maritime; 远洋 ocean maritime; 海洋 ocean; 管理 management; 进出口 export and import
进口 import; 出口 export; 输出入 export and import; 侦察 reconnaissance; 侦查 reconnaissance; 侦察总局 reconnaissance general bureau; 侦查总局 reconnaissance general bureau
组织指导部 organization and guidance department; 宣传鼓动部 propaganda and agitation department; 宣传扇动部 propaganda and agitation department; 宣传煽动部 propaganda and agitation department
军需工业部 munitions industry department; 军需 munitions; 中央军事委员会 central military commission; 中央 central; 军事 military; 劳动党 kwp; 朝鲜劳动党 kwp
人民军 kpa; 朝鲜人民军 kpa; 战略 strategic; 战略军 strategic force; 战略火箭军 strategic rocket force; 火箭 rocket; 号室 office; 室 office; 香港 hong kong
上海 shanghai; 威海 weihai; 电子 electronics; 创作社 art studio; 海外开发 overseas project; 海外开发会社 overseas project; 建设 construction; 投资 investment; 资源 resources
资源开发 natural resources development; 综合 general; 统一 united; 联营 joint venture; 联合会社 united company; 青松联合 chongsong yonhap; 能源 energy
"""
_KANA = """
グループ group; 会社グループ group of companies; ロケット rocket; カンパニー company; コーポレーション corporation; リミテッド limited; バンク bank
トレーディング trading; エレクトロニクス electronics; インターナショナル international
"""
_WORDS = """
банк bank; внешней foreign; внешняя foreign; внешнеторговый foreign trade; внешнеэкономический foreign economic; торговли trade; торговый trading; торговая trading; торговля trade; корейская korea; корейский korea
корейское korea; корейской korea; кореи korea; корея korea; кндр korea; северной north; компания company; компании company; корпорация corporation; корпорации corporation; генеральная general; генеральное general
главное general; управление bureau; разведывательное reconnaissance; разведки reconnaissance; бюро bureau; министерство ministry; обороны defence; атомной atomic; энергии energy; энергетики energy; промышленности industry
комитет committee; комиссия committee; второй second; вторая second; экономический economic; академия academy; естественных natural; наук sciences; национальная national; национальное national; национальной national; оборонных defence
космических space; космическим space; исследований research; технологий technology; технологии technology; развития development; совместное joint; предприятие venture; судоходная shipping; морская maritime; страховая insurance
кредитный credit; объединенный united; отдел department; отдела department; департамент department; пропаганды propaganda; агитации agitation; организации organization; организационно-инструкторский organization guidance; военная military; центральная central
партии party; группа group; общество company; комната office; стратегические strategic; силы forces; ракетные rocket; войска forces
банку bank; зовнішньої foreign; торгівлі trade; північної north; кореї korea; міністерство ministry; оборони defence
بنك bank; مصرف bank; شركة company; التجارة trade; للتجارة trading; تجارة trade; الخارجية foreign; التنمية development; كوريا korea; الكورية korea; وزارة ministry; الدفاع defence; الوطني national; الوطنية national; المتحدة united; للتأمين insurance; التأمين insurance; العامة general; مكتب office; لجنة committee; كوريو 고려
banco bank; banque bank; comercio trade; comercial commercial; exterior foreign; extérieur foreign; commerce commercial; corea korea; corée korea; coree korea; norte north; nord north; coreano korean; coreana korean; coreen korean; coreenne korean; compania company; compagnie company; societe company; sociedad company
desarrollo development; developpement development; minera mining; general general; generale general; nacional national; national national; nationale national; seguros insurance; assurance insurance; assurances insurance; ministerio ministry; ministere ministry; defensa defence; oficina office; oficina office; bureau office; despacho office
comision committee; comite committee; commission committee; segundo second; segunda second; deuxieme second; economico economic; economica economic; economique economic; academia academy; academie academy; ciencias sciences; sciences sciences; naturales natural; naturelles natural; aeroespacial aerospace; aerospatiale aerospace; espacial space
administracion administration; administration administration; tecnologia technology; technologie technology; naviera shipping; navegacion shipping; maritime maritime; maritima maritime; maritimo maritime; gestion management; credito credit; credit credit; unido united; unida united; uni united; reconocimiento reconnaissance; reconnaissance reconnaissance; departamento department; departement department
propaganda propaganda; agitacion agitation; agitation agitation; organizacion organization; orientacion guidance; industria industry; industrie industry; energia energy; energie energy; atomica atomic; atomique atomic; municiones munitions; munitions munitions; fuerza force; force force; estrategica strategic; strategique strategic; cohetes rocket; roquettes rocket; partido party; parti party; trabajadores workers; travail workers
bank bank; aussenhandelsbank foreign trade bank; ausenhandelsbank foreign trade bank; aussenhandel foreign trade; handelsbank trading bank; entwicklungsbank development bank; entwicklung development; koreanische korean; koreanisches korean; koreanischer korean; nordkorea korea; gesellschaft company; handelsgesellschaft trading company; verteidigungsministerium ministry of defence; ministerium ministry; verteidigung defence
versicherung insurance; versicherungsgesellschaft insurance company; buro office; amt office; kommission committee; zweites second; zweite second; wirtschaftskomitee economic committee; nationale national; akademie academy; naturwissenschaften natural sciences; verteidigungswissenschaften national defence science; schifffahrt shipping; reederei shipping company; hauptburo general bureau; aufklarung reconnaissance
banca bank; commercio trade; estero foreign; corea korea; sviluppo development; comercio trade; desenvolvimento development; companhia company; assicurazioni insurance; ministero ministry; difesa defence; ministerio ministry; defesa defence
"""


def _entries(table: str) -> dict[str, tuple[str, ...]]:
    """Parse a table: a word and its English, or several wordings with | between; entries separated by a semicolon."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in table.replace("\n", ";").split(";"):
        word, _, english = entry.strip().partition(" ")
        if word:
            found[word] = tuple(map(str.strip, english.split("|")))
    return found


@lru_cache(maxsize=1)
def _compounds() -> tuple[dict[str, tuple[str, ...]], "re.Pattern[str]"]:
    """Collect the words of languages that are written without blanks, and a pattern that finds the longest first."""
    chinese = {fold_characters(word): english for word, english in _entries(_CHINESE).items()}
    known = _entries(_KOREAN) | chinese | {fold_characters(word): told for word, told in _entries(_KANA).items()}
    longest_first = sorted(known, key=len, reverse=True)
    # A word of one syllable, such as 성, a ministry, is one at the end of a name only: 광성 is a name.
    patterns = (re.escape(word) + ("$" if "가" <= word <= "힣" and len(word) == 1 else "") for word in longest_first)
    return known, re.compile(f"({'|'.join(patterns)}|[0-9]+)")


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[str, ...]]:
    return {fold(word): english for word, english in _entries(_WORDS).items()}


@lru_cache(maxsize=CACHED)
def english_wordings(text: str) -> tuple[str, ...]:
    """Put the name of a body into English, word by word, in at most four wordings.

    Args:
        text: a name in any of the languages read here.

    Returns:
        None where no word of it is known: it is then no name of a body, or in English already.
    """
    scripts = {part.script for part in scripts_of(text)}
    if not scripts & {Script.HANGUL, Script.HAN, Script.KANA}:
        return _by_words(text)
    known, pattern = _compounds()
    parts: list[tuple[str, ...]] = []
    is_known = False
    for piece in filter(str.strip, pattern.split(fold_characters(text))):
        is_known |= piece in known and len(piece) > 1
        parts.append(known[piece] if piece in known else (_transcribed(piece),))
    if not is_known:
        return ()
    wordings = (" ".join(wording) for wording in product(*parts[:16]))
    return tuple(wording for wording, _ in zip(wordings, range(MAX_TRANSLATIONS), strict=False))


def _transcribed(piece: str) -> str:
    """Transcribe what is left of a name: Chinese characters by their Korean reading."""
    if not any(part.script == Script.HAN for part in scripts_of(piece)):
        return piece
    return spelled(piece) or piece


def _by_words(text: str) -> tuple[str, ...]:
    words = fold(text).split()
    known = _words()
    if not words or sum(word in known for word in words) < min(2, len(words)):
        return ()
    if all(known.get(word, ("",))[0] in (word, "") for word in words):
        return ()
    latin = {word: _latin(word) for word in words if word not in known}
    return (" ".join(known[word][0] if word in known else latin[word] for word in words),)


def _latin(word: str) -> str:
    return next((one.text for one in transcriptions(word) if not one.is_weak), word)
