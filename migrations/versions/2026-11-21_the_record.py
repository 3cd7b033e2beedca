"""The record: acts, measures, subjects and their listings, requests, statements, citations, renderings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "act",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_act_acted_on"), "act", ["acted_on"], unique=False)
    op.create_table(
        "committee_decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("symbol", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_committee_decision_decided_on"), "committee_decision", ["decided_on"], unique=False)
    op.create_table(
        "dataset",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "designated_party",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("swift_code", sa.String(), nullable=True),
        sa.Column("imo_company_number", sa.String(), nullable=True),
        sa.Column("deceased_on", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_designated_party_kind"), "designated_party", ["kind"], unique=False)
    op.create_table(
        "rendering",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "id", "from_on"),
    )
    op.create_table(
        "resolution",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("symbol", sa.String(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("abstentions", sa.Integer(), nullable=True),
        sa.Column("meeting", sa.Integer(), nullable=True),
        sa.Column("press_release", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("responds_to", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("adopted_on", sa.Date(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_resolution_outcome"), "resolution", ["outcome"], unique=False)
    op.create_index(op.f("ix_resolution_voted_on"), "resolution", ["voted_on"], unique=False)
    op.create_table(
        "source",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("held_by", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("published_on", sa.String(), nullable=True),
        sa.Column("locator", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("published_earliest_on", sa.Date(), nullable=True),
        sa.Column("published_latest_on", sa.Date(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("folded_publisher", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_source_kind"), "source", ["kind"], unique=False)
    op.create_index(op.f("ix_source_published_earliest_on"), "source", ["published_earliest_on"], unique=False)
    op.create_table(
        "subject",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("first_listed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_subject_first_listed_on"), "subject", ["first_listed_on"], unique=False)
    op.create_index(op.f("ix_subject_folded_name"), "subject", ["folded_name"], unique=False)
    op.create_index(op.f("ix_subject_kind"), "subject", ["kind"], unique=False)
    op.create_table(
        "vessel",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("imo_number", sa.String(), nullable=True),
        sa.Column("vessel_type", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("imo_number"),
    )
    op.create_table(
        "address",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("on_list_since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_address_subject_id"), "address", ["subject_id"], unique=False)
    op.create_table(
        "birth_date",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("born_on", sa.String(), nullable=False),
        sa.Column("on_list_since", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_birth_date_subject_id"), "birth_date", ["subject_id"], unique=False)
    op.create_table(
        "citation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("row", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("locator", sa.String(), nullable=True),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"],
            ["source.key"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_citation_source"), "citation", ["source"], unique=False)
    op.create_index("ix_citation_table_row", "citation", ["table", "row"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("official_count", sa.Integer(), nullable=True),
        sa.Column("covers_until", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("left_out", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source"],
            ["source.key"],
        ),
        sa.PrimaryKeyConstraint("resource"),
    )
    op.create_table(
        "delisting_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=True),
        sa.Column("addressed_to", sa.String(), nullable=True),
        sa.Column("requested_on", sa.String(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("grounds", sa.String(), nullable=True),
        sa.Column("condition", sa.String(), nullable=True),
        sa.Column("condition_reported_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("requested_earliest_on", sa.Date(), nullable=True),
        sa.Column("requested_latest_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["act.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_delisting_request_decided_on"), "delisting_request", ["decided_on"], unique=False)
    op.create_index(op.f("ix_delisting_request_outcome"), "delisting_request", ["outcome"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("expires_on", sa.String(), nullable=True),
        sa.Column("on_list_since", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_document_subject_id"), "document", ["subject_id"], unique=False)
    op.create_table(
        "flag",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("vessel_id", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("given_on", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vessel_id"],
            ["vessel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_flag_vessel_id"), "flag", ["vessel_id"], unique=False)
    op.create_table(
        "listing",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("listed_by", sa.String(), nullable=False),
        sa.Column("paragraph", sa.String(), nullable=True),
        sa.Column("annex", sa.String(), nullable=True),
        sa.Column("delisted_on", sa.Date(), nullable=True),
        sa.Column("delisted_by", sa.String(), nullable=True),
        sa.Column("delisting_ground", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("delisted_on > listed_on", name="listing_ends_after_it_begins"),
        sa.ForeignKeyConstraint(
            ["delisted_by"],
            ["act.id"],
        ),
        sa.ForeignKeyConstraint(
            ["listed_by"],
            ["act.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_listing_delisted_on"), "listing", ["delisted_on"], unique=False)
    op.create_index(op.f("ix_listing_listed_by"), "listing", ["listed_by"], unique=False)
    op.create_index(op.f("ix_listing_listed_on"), "listing", ["listed_on"], unique=False)
    op.create_index(op.f("ix_listing_measure"), "listing", ["measure"], unique=False)
    op.create_index("ix_listing_subject_stay", "listing", ["subject_id", "listed_on", "delisted_on"], unique=False)
    op.create_table(
        "measure",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("resolution_id", sa.String(), nullable=False),
        sa.Column("paragraph", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("exceptions", sa.String(), nullable=True),
        sa.Column("earlier", sa.String(), nullable=True),
        sa.Column("limits", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resolution_id"],
            ["resolution.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_measure_category"), "measure", ["category"], unique=False)
    op.create_index(op.f("ix_measure_ordinal"), "measure", ["ordinal"], unique=False)
    op.create_index(op.f("ix_measure_resolution_id"), "measure", ["resolution_id"], unique=False)
    op.create_table(
        "name",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=True),
        sa.Column("used_on", sa.String(), nullable=True),
        sa.Column("on_list_since", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_name_subject_id"), "name", ["subject_id"], unique=False)
    op.create_table(
        "nationality",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("on_list_since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_nationality_subject_id"), "nationality", ["subject_id"], unique=False)
    op.create_table(
        "position",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_list_since", sa.Date(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_position_subject_id"), "position", ["subject_id"], unique=False)
    op.create_table(
        "resolution_drafter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("resolution_id", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resolution_id"],
            ["resolution.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_resolution_drafter_resolution_id"), "resolution_drafter", ["resolution_id"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("attributed_to", sa.String(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("verdict_detail", sa.String(), nullable=True),
        sa.Column("record_says", sa.String(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("folded_attributed_to", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"],
            ["source.key"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_statement_article"), "statement", ["article"], unique=False)
    op.create_index(op.f("ix_statement_ordinal"), "statement", ["ordinal"], unique=False)
    op.create_index(op.f("ix_statement_verdict"), "statement", ["verdict"], unique=False)
    op.create_table(
        "delisting_request_subject",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["delisting_request.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_delisting_request_subject_request_id"), "delisting_request_subject", ["request_id"], unique=False
    )
    op.create_index(
        op.f("ix_delisting_request_subject_subject_id"), "delisting_request_subject", ["subject_id"], unique=False
    )
    op.create_table(
        "measure_binding",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("measure_id", sa.String(), nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_measure_binding_measure_id"), "measure_binding", ["measure_id"], unique=False)
    op.create_table(
        "statement_record",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["statement.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_statement_record_statement_id"), "statement_record", ["statement_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_statement_record_statement_id"), table_name="statement_record")
    op.drop_table("statement_record")
    op.drop_index(op.f("ix_measure_binding_measure_id"), table_name="measure_binding")
    op.drop_table("measure_binding")
    op.drop_index(op.f("ix_delisting_request_subject_subject_id"), table_name="delisting_request_subject")
    op.drop_index(op.f("ix_delisting_request_subject_request_id"), table_name="delisting_request_subject")
    op.drop_table("delisting_request_subject")
    op.drop_index(op.f("ix_statement_verdict"), table_name="statement")
    op.drop_index(op.f("ix_statement_ordinal"), table_name="statement")
    op.drop_index(op.f("ix_statement_article"), table_name="statement")
    op.drop_table("statement")
    op.drop_index(op.f("ix_resolution_drafter_resolution_id"), table_name="resolution_drafter")
    op.drop_table("resolution_drafter")
    op.drop_index(op.f("ix_position_subject_id"), table_name="position")
    op.drop_table("position")
    op.drop_index(op.f("ix_nationality_subject_id"), table_name="nationality")
    op.drop_table("nationality")
    op.drop_index(op.f("ix_name_subject_id"), table_name="name")
    op.drop_table("name")
    op.drop_index(op.f("ix_measure_resolution_id"), table_name="measure")
    op.drop_index(op.f("ix_measure_ordinal"), table_name="measure")
    op.drop_index(op.f("ix_measure_category"), table_name="measure")
    op.drop_table("measure")
    op.drop_index("ix_listing_subject_stay", table_name="listing")
    op.drop_index(op.f("ix_listing_measure"), table_name="listing")
    op.drop_index(op.f("ix_listing_listed_on"), table_name="listing")
    op.drop_index(op.f("ix_listing_listed_by"), table_name="listing")
    op.drop_index(op.f("ix_listing_delisted_on"), table_name="listing")
    op.drop_table("listing")
    op.drop_index(op.f("ix_flag_vessel_id"), table_name="flag")
    op.drop_table("flag")
    op.drop_index(op.f("ix_document_subject_id"), table_name="document")
    op.drop_table("document")
    op.drop_index(op.f("ix_delisting_request_outcome"), table_name="delisting_request")
    op.drop_index(op.f("ix_delisting_request_decided_on"), table_name="delisting_request")
    op.drop_table("delisting_request")
    op.drop_table("coverage")
    op.drop_index("ix_citation_table_row", table_name="citation")
    op.drop_index(op.f("ix_citation_source"), table_name="citation")
    op.drop_table("citation")
    op.drop_index(op.f("ix_birth_date_subject_id"), table_name="birth_date")
    op.drop_table("birth_date")
    op.drop_index(op.f("ix_address_subject_id"), table_name="address")
    op.drop_table("address")
    op.drop_table("vessel")
    op.drop_index(op.f("ix_subject_kind"), table_name="subject")
    op.drop_index(op.f("ix_subject_folded_name"), table_name="subject")
    op.drop_index(op.f("ix_subject_first_listed_on"), table_name="subject")
    op.drop_table("subject")
    op.drop_index(op.f("ix_source_published_earliest_on"), table_name="source")
    op.drop_index(op.f("ix_source_kind"), table_name="source")
    op.drop_table("source")
    op.drop_index(op.f("ix_resolution_voted_on"), table_name="resolution")
    op.drop_index(op.f("ix_resolution_outcome"), table_name="resolution")
    op.drop_table("resolution")
    op.drop_table("rendering")
    op.drop_index(op.f("ix_designated_party_kind"), table_name="designated_party")
    op.drop_table("designated_party")
    op.drop_table("dataset")
    op.drop_index(op.f("ix_committee_decision_decided_on"), table_name="committee_decision")
    op.drop_table("committee_decision")
    op.drop_index(op.f("ix_act_acted_on"), table_name="act")
    op.drop_table("act")
