import type { LimitGap, LimitGaps as Told } from "../contract";
import { useShared } from "../context";
import { count, day } from "../format";
import { Amount, Export, Failed, Link, useFollow, useGet } from "../parts/basics";
import { Table, type Column } from "../parts/table";
import { usePlace } from "../url";

/** Views that ship with the limits: the tab in the address, and what the service calls it. */
export const gaps = { unreviewed: "Unreviewed", underinsured: "Underinsured" } as const;
export type Gap = keyof typeof gaps;

/** Leads to a view and says how long its list is. */
export function GapLink({ of }: { of: Gap }) {
  const { words, lang } = useShared();
  const { query } = usePlace();
  const { data } = useGet<Told>(`/limit-gaps?kind=${gaps[of]}&limit=1`);
  return <Link to="/limits" query={{ tab: of }} className="chip" testid={"view-" + of} current={query.get("tab") === of}>{words.gaps[of]} {data ? `(${count(data.total ?? 0, lang)}${data.isWhole ? "" : "+"})` : ""}</Link>;
}

/** Limits that serve though something is missing behind them; the most at stake in front. */
export function LimitGaps({ of }: { of: Gap }) {
  const { words, lang } = useShared();
  const { data, problem } = useFollow<Told>("/limit-gaps?kind=" + gaps[of], 60_000);
  const limit = (r: LimitGap) => (r.limit === null ? words.board.unlimited : <Amount minor={r.limit} currency={r.currency ?? ""} code />);
  const amount = (minor: string | null, r: LimitGap) => <Amount minor={minor} currency={r.currency ?? ""} />;
  const columns: Column<LimitGap>[] = [
    { head: words.board.customer, of: (r) => <><Link to={"/customers/" + r.customer}>{r.customer}</Link> <span className="clip muted" title={r.name ?? undefined}>{r.name}</span></> },
    ...(of === "unreviewed" ? [{ head: words.gaps.reviewed, of: (r: LimitGap) => (r.reviewedOn ? day(r.reviewedOn, lang) : words.gaps.never) }] : []),
    { head: words.board.limit, figure: true, of: limit },
    ...(of === "underinsured" ? [
      { head: words.gaps.insured, figure: true, of: (r: LimitGap) => amount(r.insured, r) },
      { head: words.gaps.open, figure: true, of: (r: LimitGap) => amount(r.limit === null ? null : String(BigInt(r.limit) - BigInt(r.insured ?? "0")), r) },
    ] : []),
    { head: words.board.exposure, figure: true, of: (r) => amount(r.gross, r) },
  ];
  return (
    <section aria-label={words.gaps[of]}>
      <div className="head"><span className="muted">{words.gaps.text[of]}</span><div className="head-actions"><Export of="limit-gaps" query={{ kind: gaps[of] }} /></div></div>
      {problem && <Failed problem={problem} />}
      {data && !data.isWhole && <p className="notice">{words.endings.notWhole}</p>}
      {data && data.rows.length === 0 && <p className="empty" data-testid="empty">{words.gaps.empty}</p>}
      {data && data.rows.length < (data.total ?? 0) && <p className="muted">{words.gaps.more(count(data.rows.length, lang), count(data.total ?? 0, lang))}</p>}
      {data && data.rows.length > 0 && <Table rows={data.rows} caption={words.gaps[of]} keyOf={(r) => r.customer ?? ""} testid="gaps" rowTestid="gap" columns={columns} />}
    </section>
  );
}
