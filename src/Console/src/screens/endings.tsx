import type { Endings as Told } from "../contract";
import { useShared } from "../context";
import { count, day } from "../format";
import { Amount, Export, Failed, Link, useFollow } from "../parts/basics";
import { Table } from "../parts/table";
import { choose, usePlace } from "../url";

const kinds = ["Limit", "TemporaryLimit", "Cover", "Promise", "Review"] as const;

/** What ends or is due by itself: without an event, and so without a notice to anybody who does not look. */
export function Endings() {
  const { words, lang } = useShared();
  const { query } = usePlace();
  const days = ["60", "90"].includes(query.get("days") ?? "") ? query.get("days")! : "30";
  const kind = kinds.find((k) => k === query.get("kind")) ?? "";
  const { data, problem } = useFollow<Told>(`/endings?days=${days}${kind ? "&kind=" + kind : ""}`, 60_000);
  const countOf = (k: string) => data?.counts.find((c) => c.kind === k)?.count ?? 0;
  const all = kind ? countOf(kind) : kinds.reduce((sum, k) => sum + countOf(k), 0);
  return (
    <section role="tabpanel" aria-label={words.endings.tab}>
      <div className="filters" role="group" aria-label={words.board.filters}>
        <select aria-label={words.endings.within} value={days} onChange={(event) => choose({ days: event.target.value === "30" ? null : event.target.value })} data-testid="ending-days">
          {["30", "60", "90"].map((d) => <option key={d} value={d}>{words.endings.within} {words.endings.days(d)}</option>)}
        </select>
        {kinds.map((k) => (
          <button key={k} type="button" className="chip" aria-pressed={kind === k} data-testid={"ending-" + k} data-count={data ? countOf(k) : ""} onClick={() => choose({ kind: kind === k ? null : k })}>
            {words.endings.kinds[k]} <span className="fig">&nbsp;{data ? count(countOf(k), lang) : ""}</span>
          </button>
        ))}
        <span className="spring" />
        <Export of="endings" query={{ days, kind }} />
      </div>
      {problem && <Failed problem={problem} />}
      {data && !data.isWhole && <p className="notice">{words.endings.notWhole}</p>}
      {data && data.rows.length === 0 && <p className="empty" data-testid="empty">{words.endings.empty(days)}</p>}
      {data && data.rows.length < all && <p className="muted">{words.endings.more(data.rows.length)}</p>}
      {data && data.rows.length > 0 && (
        <Table
          rows={data.rows} caption={words.endings.caption} keyOf={(r) => `${r.customer}/${r.kind}/${r.id}`} testid="endings" rowTestid="ending" dataOf={(r) => ({ "data-kind": r.kind ?? undefined })}
          columns={[
            { head: words.endings.on, of: (r) => day(r.on, lang) },
            { head: words.endings.left, figure: true, of: (r) => (r.daysLeft === 0 ? words.endings.today : count(r.daysLeft ?? 0, lang)) },
            { head: words.board.customer, of: (r) => <><Link to={"/customers/" + r.customer}>{r.customer}</Link> <span className="clip muted" title={r.name ?? undefined}>{r.name}</span></> },
            { head: words.endings.what, of: (r) => <>{words.endings.kinds[r.kind as (typeof kinds)[number]]} <span className="muted">{r.id}</span></> },
            { head: words.common.value, figure: true, of: (r) => (r.amount === "0" ? <span className="muted">–</span> : <Amount minor={r.amount} currency={r.currency ?? ""} code />) },
          ]}
        />
      )}
    </section>
  );
}
