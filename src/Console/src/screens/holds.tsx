import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { get } from "../api";
import type { BulkResults, HoldsMatching, Records } from "../contract";
import { useShared } from "../context";
import { day, moment, sum, time } from "../format";
import { useScreenKeys } from "../keys";
import { Age } from "../parts/age";
import { Amount, BandTag, Export, Failed, Link, useGet } from "../parts/basics";
import { Table } from "../parts/table";
import { rangeTo } from "../parts/input";
import { addressOf, choose, go, usePlace } from "../url";
import { Pick } from "./board-filters";
import { Bulk, BulkOutcome } from "./hold-bulk";
import { HoldPanel } from "./hold-panel";
import { pageSize, useHeld, useQueue, type QueueRow } from "./queue";
import { ruleText } from "./rules";
import type { HoldRecord } from "./customer-history";

const tabs = ["decide", "confirm", "decided", "all"] as const;

/** Held orders that left the queue while somebody looked: who or what did it. They stay for ten seconds. */
interface Gone {
  row: QueueRow;
  until: number;
  /** null until it is known that the order is held no more. */
  how: HoldRecord | null;
}

export function Holds({ customer, order }: { customer?: string; order?: string }) {
  const { words, lang, zone, me } = useShared();
  const { query } = usePlace();
  const { confirm, waiting, total } = useQueue();
  const told = query.get("tab") as (typeof tabs)[number] | null;
  const tab = told && tabs.includes(told) ? told : "decide";
  const only = query.get("customer");
  const table = useRef<HTMLTableElement>(null);
  const rule = query.get("rule") ?? "";
  const asked = { state: tab === "decide" || tab === "confirm" ? tab : "", customer: only, rule };
  const { view, rows, whole } = useHeld({ ...asked, page: query.get("page") });
  const decided = useGet<Records>(tab === "decided" || rows.length === 0 ? "/hold-records?limit=100" : null);
  const question = [...Object.values(asked), query.get("page")].join("|");
  const gone = useGone(rows, view !== null, question, table);
  const { shown, news, apply } = useArrivals(rows, gone, question);
  // What a row says changes while somebody reads; its columns do not. The rule has what is left.
  const code = Math.min(12, Math.max(6.5, Math.max(0, ...shown.map((s) => s.row.orderId.length)) * 0.56 + 1.125));
  const widths: (number | null)[] = customer ? [2, code, 9.5, 8.5, null, 4, 9.5] : [2, code, 10, 8.5, null, 7, 7, 7, tab === "decide" ? 4 : 9, 7.25, ...(tab === "decide" ? [] : [5.5]), 5.5, 8.5];
  const wide = widths.reduce<number>((sum, width) => sum + (width ?? 0), 0);
  // All that match are more than those that are loaded: the service says which they are, and they stay so until somebody asks again.
  const isAll = query.get("sel") === "all" && (tab === "decide" || tab === "confirm");
  const matching = useGet<HoldsMatching>(isAll ? "/holds/matching?" + new URLSearchParams(Object.entries(asked).filter((told): told is [string, string] => Boolean(told[1]))) : null);
  const found = (matching.data?.holds ?? []) as unknown as QueueRow[];
  const selected = isAll ? found.map((r) => r.id) : (query.get("sel") ?? "").split(",").filter(Boolean);
  const [active, setActive] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<BulkResults["results"] | null>(null);
  const pickedLast = useRef<string | null>(null);
  const picked = isAll ? found : rows.filter((r) => selected.includes(r.id));
  const last = ((decided.data?.rows ?? []) as unknown as HoldRecord[]).find((r) => /released|rejected/.test(r.step));
  useEffect(() => decided.reload(), [total]);

  const openRow = (row: QueueRow) => go(addressOf(`/holds/${row.customer}/${row.orderId}`, keep()));
  const keep = () => ({ tab: tab === "decide" ? undefined : tab, customer: only ?? undefined, rule, page: query.get("page") ?? undefined, sel: query.get("sel") ?? undefined });
  const takeNext = async () => {
    const decide = (await get<HoldsMatching>("/holds/matching?state=decide")).holds as unknown as QueueRow[];
    const next = decide.find((r) => !r.takenBy && (!r.assignedTo || r.assignedTo === me.user) && !(r.customer === customer && r.orderId === order)) ?? decide[0];
    if (next) openRow(next);
  };
  const move = (step: number) => {
    const at = shown.findIndex((s) => s.row.id === active);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + step))];
    if (!next) return;
    setActive(next.row.id);
    table.current?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(next.row.id)}"]`)?.focus();
  };
  useScreenKeys({
    j: () => move(1), k: () => move(-1), n: () => void takeNext().catch(() => undefined),
    o: () => { const row = rows.find((r) => r.id === active); if (row) openRow(row); },
    x: () => active && toggle(active),
    X: () => active && choose({ sel: rangeTo(shown.filter((s) => !s.gone).map((s) => s.row.id), selected, pickedLast.current, active, 200).join(",") }, true),
    Escape: () => customer && go(addressOf("/holds", keep())),
  });

  // What is selected is on the page.
  function turn(page: number) {
    choose({ page: page > 1 ? String(page) : null, ...(!isAll && { sel: null }) });
  }

  function toggle(id: string) {
    pickedLast.current = id;
    choose({ sel: (selected.includes(id) ? selected.filter((s) => s !== id) : [...selected, id].slice(0, 200)).join(",") }, true);
  }

  return (
    <>
      <div className="head">
        <h1>{words.holds.title}</h1>
        <span className="muted">{tab === "decided" ? words.holds.newestFirst : words.holds.orderedBy}</span>
        <div className="head-actions" data-filters>
          {tab !== "decided" && <Pick name="rule" label={words.holds.rule} value={rule} options={whole?.rules ?? []} say={(r) => `${r} ${ruleText(words, r)}`} />}
          {(tab === "decide" || tab === "confirm") && <button type="button" className="quiet" aria-pressed={isAll} onClick={() => choose({ sel: isAll ? null : "all" }, true)} data-testid="select-all">{words.common.selectAll}</button>}
          {tab === "decided" ? <Export of="hold-records" /> : <Export of="holds" query={asked} />}
          <button type="button" onClick={() => void takeNext().catch(() => undefined)} data-testid="take-next" title="n">{words.holds.takeNext}</button>
        </div>
      </div>
      <div className="tabs" role="tablist" aria-label={words.holds.title}>
        {tabs.map((t) => (
          <button key={t} type="button" role="tab" aria-selected={tab === t} data-testid={"tab-" + t} onClick={() => choose({ tab: t === "decide" ? null : t, page: null, ...(isAll && { sel: null }) })}>
            {words.holds.tabs[t]} {t === "decide" ? <span className="count">{waiting}</span> : t === "confirm" ? <span className="count">{confirm}</span> : t === "all" ? <span className="count">{total}</span> : null}
          </button>
        ))}
        {only && <button type="button" className="chip" onClick={() => choose({ customer: null, page: null })}>{only} ×<span className="hidden"> {words.common.remove}</span></button>}
        {news > 0 && <button type="button" className="chip chip-news" data-testid="news" onClick={apply}>{words.holds.news(news)}</button>}
      </div>
      {matching.problem && <Failed problem={matching.problem} />}
      {picked.length > 0 && <Bulk rows={picked} of={isAll ? matching.data!.total! : 0} clear={() => choose({ sel: null }, true)} tell={setOutcome} />}
      {outcome && <BulkOutcome results={outcome} />}
      <div className={customer ? "split split-open split-wide" : "split"}>
        <section className="list" role="tabpanel" aria-label={words.holds.tabs[tab]}>
          {tab === "decided" ? (
            <Decided rows={(decided.data?.rows ?? []) as unknown as HoldRecord[]} />
          ) : (
            <div className="scroll">
              <table className="grid still" style={{ minWidth: `${wide + 8.5}rem` }} data-testid="queue" ref={table} aria-busy={view === null}>
                <caption className="hidden">{words.holds.caption}</caption>
                <colgroup>{widths.map((width, i) => <col key={i} style={width === null ? undefined : { width: `${width}rem` }} />)}</colgroup>
                <thead>
                  <tr>
                    <th scope="col" className="narrow"><span className="hidden">{words.common.select}</span></th>
                    <th scope="col">{words.holds.order}</th>
                    <th scope="col">{words.board.customer}</th>
                    <th scope="col" className="num">{words.holds.amount}</th>
                    <th scope="col">{words.holds.rule}</th>
                    {!customer && <th scope="col" className="num">{words.holds.overThen}</th>}
                    {!customer && <th scope="col" className="num">{words.holds.overNow}</th>}
                    {!customer && <th scope="col" className="num">{words.holds.overdueNow}</th>}
                    <th scope="col">{words.holds.age}</th>
                    {!customer && <th scope="col">{words.holds.ships}</th>}
                    {!customer && tab !== "decide" && <th scope="col">{words.holds.requested}</th>}
                    {!customer && <th scope="col">{words.holds.taken}</th>}
                    <th scope="col">{words.common.state}</th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map(({ row, gone: { how } = { how: null } }, i) => (
                    <tr
                      key={i + "/" + row.id} data-id={row.id} data-order={row.orderId} data-testid="hold" tabIndex={active === row.id || (active === null && i === 0) ? 0 : -1} className={[how ? "struck" : "", row.customer === customer && row.orderId === order ? "open" : "", selected.includes(row.id) ? "selected" : ""].filter(Boolean).join(" ") || undefined}
                      onFocus={() => setActive(row.id)} onClick={(event) => !(event.target as HTMLElement).closest("a,input,button") && openRow(row)} onKeyDown={(event) => event.key === "Enter" && event.target === event.currentTarget && openRow(row)}
                    >
                      <td className="narrow"><input type="checkbox" checked={selected.includes(row.id)} disabled={how !== null} onChange={() => toggle(row.id)} aria-label={`${words.common.select} ${row.orderId}`} tabIndex={-1} /></td>
                      <td className="nowrap"><Link to={`/holds/${row.customer}/${row.orderId}`} query={keep()}>{row.orderId}</Link></td>
                      <td><span className="clip">{row.name ?? row.customer}</span> <BandTag band={row.band} /></td>
                      <td className="num"><Amount minor={row.amount} currency={row.currency} code /></td>
                      <td><RuleCell row={row} /></td>
                      {!customer && <td className="num">{overThen(row) ? <Amount minor={overThen(row)} currency={row.then!.currency} /> : <span className="muted">–</span>}</td>}
                      {!customer && <td className="num">{overNow(row) ? <Amount minor={overNow(row)} currency={row.now.currency} /> : <span className="muted">–</span>}</td>}
                      {!customer && <td className="num">{row.now.overdue === "0" ? <span className="muted">–</span> : <><Amount minor={row.now.overdue} currency={row.now.currency} /> <span className="muted below">{words.customer.late(row.now.oldestDays)}</span></>}</td>}
                      <td className="nowrap"><Age since={row.createdAt} until={customer || tab === "decide" ? undefined : row.lapsesAt} /></td>
                      {!customer && <td className="nowrap">{day(row.shipOn, lang)}</td>}
                      {!customer && tab !== "decide" && <td>{row.requestedBy || <span className="muted">–</span>}</td>}
                      {!customer && <td>{row.takenBy ? <span className="taken">{row.takenBy === me.user ? words.settings.yourself : row.takenBy}</span> : !row.assignedTo && <span className="muted">–</span>}{row.assignedTo && <span className="muted below">{words.talk.assigned(row.assignedTo)}</span>}</td>}
                      <td>{how ? <span className="tag" data-testid="gone">{/rejected/.test(how.step) ? words.states.Rejected + " · " + words.holds.by(whoOf(how)) : how.actor === "rule" || !how.actor ? words.holds.cured((how.causes ?? []).join(", ")) : words.holds.by(whoOf(how))}</span> : <StateTag state={row.state} />}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {tab !== "decided" && whole && whole.matching > pageSize && (
            <div className="pager">
              <button type="button" className="quiet" disabled={whole.page === 1} onClick={() => turn(whole.page - 1)}>{words.common.previous}</button>
              <span data-testid="page">{words.common.page} {whole.page} {words.common.of} {Math.ceil(whole.matching / pageSize)}</span>
              <button type="button" className="quiet" disabled={whole.page * pageSize >= whole.matching} onClick={() => turn(whole.page + 1)} data-testid="next-page">{words.common.next}</button>
            </div>
          )}
          {tab !== "decided" && view !== null && shown.length === 0 && (
            <p className="empty" data-testid="empty">
              {rule || only ? words.common.noMatch : tab === "confirm" ? words.holds.emptyConfirm : words.holds.empty} {last && tab !== "confirm" && words.holds.last(time(last.at, lang, zone), whoOf(last))}
            </p>
          )}
        </section>
        {customer && order && <HoldPanel key={`${customer}/${order}`} customer={customer} order={order} listed={rows.find((r) => r.customer === customer && r.orderId === order)} close={() => go(addressOf("/holds", keep()))} />}
      </div>
    </>
  );
}

export const whoOf = (record: HoldRecord) => record.approver || record.actor || "rule";

const over = (limit: string | null | undefined, gross: string): string | null => (limit !== null && limit !== undefined && BigInt(gross) > BigInt(limit) ? (BigInt(gross) - BigInt(limit)).toString() : null);
const overThen = (row: QueueRow) => row.then && over(row.then.limit, row.then.afterThis);
const overNow = (row: QueueRow) => over(row.now.limit, sum([row.now.gross, row.currency === row.now.currency ? row.amount : "0"]));

export function RuleCell({ row }: { row: QueueRow }) {
  const { words } = useShared();
  const first = row.reasons.find((r) => r.stillValid) ?? row.reasons[0];
  return first ? <span className="rule" title={ruleText(words, first.rule)}><code>{first.rule}</code> {`${row.reasons.length > 1 ? `+${row.reasons.length - 1} ` : ""}${ruleText(words, first.rule)}`}</span> : null;
}

/** What people did has a form of its own and none of the colours of the bands. */
export function StateTag({ state }: { state: string }) {
  const { words } = useShared();
  return <span key={state} className={"tag state-" + state}>{words.states[state as keyof typeof words.states] ?? state}</span>;
}

function Decided({ rows }: { rows: HoldRecord[] }) {
  const { words, lang, zone } = useShared();
  const done = rows.filter((r) => /released|rejected/.test(r.step) && !r.step.startsWith("hold.release-"));
  if (done.length === 0) return <p className="empty">{words.holds.emptyDecided}</p>;
  return (
    <Table
      rows={done} caption={words.holds.tabs.decided} keyOf={(_, i) => String(i)} testid="decided" rowTestid="decision" dataOf={(r) => ({ "data-order": r.orderId, "data-actor": r.actor ?? "" })}
      columns={[
        { head: words.common.time, of: (r) => moment(r.at, lang, zone) },
        { head: words.holds.order, of: (r) => <Link to={`/holds/${r.customer}/${r.orderId}`} query={{ tab: "decided" }}>{r.orderId}</Link> },
        { head: words.board.customer, of: (r) => <Link to={"/customers/" + r.customer}>{r.customer}</Link> },
        { head: words.holds.amount, figure: true, of: (r) => <Amount minor={r.amount} currency={r.currency ?? ""} code /> },
        { head: words.common.state, of: (r) => <StateTag state={/rejected/.test(r.step) ? "Rejected" : "Released"} /> },
        { head: words.audit.person, of: (r) => [r.actor, r.approver].filter((w) => w && w !== "rule").join(" → ") || <span className="muted">{words.common.rule}</span> },
        { head: words.common.reason, of: (r) => (r.reason && r.reason !== "cured" ? r.reason : <span className="buttons">{r.causes?.length ? <span className="muted">{words.holds.curedBy}</span> : ""}{(r.causes ?? []).slice(0, 3).map((c) => <Link key={c} to={`/customers/${r.customer}/events/${c}`} className="chip">{c}</Link>)}</span>) },
      ]}
    />
  );
}

/** New holds wait above the list until somebody wants them, and the order is taken over with them: no row moves by itself, whatever becomes of its amount or ship date. The first list comes at once. */
function useArrivals(rows: QueueRow[], gone: Gone[], question: string) {
  const kept = useRef<{ question: string; ids: string[]; filled: boolean }>({ question: "", ids: [], filled: false });
  const [, draw] = useState(0);
  // What was shown has left, and others match: where nothing stands nothing is pushed aside.
  const isDry = !kept.current.ids.some((id) => rows.some((r) => r.id === id) || gone.some((g) => g.row.id === id));
  if (kept.current.question !== question || !kept.current.filled || (isDry && rows.length > 0)) kept.current = { question, ids: rows.map((r) => r.id), filled: rows.length > 0 };
  const { ids } = kept.current;
  const shown = useMemo(() => {
    const there = new Map<string, { row: QueueRow; gone?: Gone }>(gone.map((g) => [g.row.id, { row: g.row, gone: g }]));
    for (const row of rows) there.set(row.id, { row });
    return ids.map((id) => there.get(id)).filter((r) => r !== undefined);
  }, [rows, gone, ids]);
  const news = rows.filter((r) => !ids.includes(r.id)).length;
  const apply = () => {
    // What has just left keeps its seconds, and its place as well as there is one: whoever asks for the news has not read yet how it ended.
    const next = rows.map((r) => r.id);
    for (const g of gone) if (ids.includes(g.row.id) && !next.includes(g.row.id)) next.splice(Math.min(ids.indexOf(g.row.id), next.length), 0, g.row.id);
    kept.current.ids = next;
    draw((n) => n + 1);
  };
  return { shown, news, apply };
}

/** What left the queue stays for its seconds, and longer while the pointer or the focus is among the rows, which would move up. What is held as before has left the page only. */
function useGone(all: QueueRow[], ready: boolean, question: string, table: RefObject<HTMLTableElement | null>): Gone[] {
  const before = useRef<Map<string, QueueRow> | null>(null);
  const asked = useRef(question);
  const [gone, setGone] = useState<Gone[]>([]);
  useEffect(() => {
    if (asked.current !== question) {
      before.current = null;
      setGone([]);
      asked.current = question;
    }
    if (!ready) return;
    const now = new Map(all.map((r) => [r.id, r]));
    const left = before.current ? [...before.current.values()].filter((r) => !now.has(r.id)) : [];
    before.current = now;
    if (left.length === 0) return;
    setGone((g) => [...g, ...left.map((row) => ({ row, until: Date.now() + 10_000, how: null }))]);
    // One question about many: what was said about them last is among the newest records.
    const [only] = left;
    void get<Records>("/hold-records?limit=" + (left.length === 1 ? `1&customer=${only!.customer}&subject=${only!.orderId}` : 500), undefined, true).then((told) => {
      const records = told.rows as unknown as HoldRecord[];
      setGone((g) => g.flatMap((one) => {
        if (!left.includes(one.row)) return [one];
        const how = records.find((r) => r.orderId === one.row.orderId && r.customer === one.row.customer);
        return how && /\.(released|rejected)\.v1$|\.(acknowledged|ended|lifted)$/.test(how.step) ? [{ ...one, how }] : [];
      }));
    }, () => undefined);
  }, [all, ready, question]);
  useEffect(() => {
    if (gone.length === 0) return;
    const clock = setInterval(() => {
      if (!table.current?.matches(":hover, :focus-within")) setGone((g) => (g.some((one) => one.until <= Date.now()) ? g.filter((one) => one.until > Date.now()) : g));
    }, 500);
    return () => clearInterval(clock);
  }, [gone.length]);
  return gone;
}
