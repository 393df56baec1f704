import { useEffect, useState } from "react";
import type { BalanceDifference, CompanyTotal, Partitions as Standing, Reconciliation as Reconciled, ReconciliationReport, Records, Sources as SourcesTold } from "../contract";
import { useShared } from "../context";
import { count, moment } from "../format";
import { outcomeWord } from "../words/en";
import { useLive } from "../live/hooks";
import { Amount, Failed, Link, useFollow, useGet } from "../parts/basics";
import { Table } from "../parts/table";
import { choose, usePlace } from "../url";
import type { DeadRow } from "./dead-letters";

interface Part {
  name: string;
  health: "running" | "waiting" | "failed";
  reason?: string;
  parts?: Part[];
  [number: string]: unknown;
}

interface Told {
  health: "running" | "waiting" | "failed";
  engine: { health: string };
  services: Part[];
}

/** The first line is the answer. */
export function Health() {
  const { words, lang, may, me } = useShared();
  const live = useLive();
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    const read = () => void fetch("/health", { headers: { Accept: "application/json" } }).then((r) => r.json() as Promise<Told>).then(setTold, () => setTold(null));
    read();
    const again = setInterval(read, 3_000);
    return () => clearInterval(again);
  }, []);
  // What is at fault, down to the topic or channel, as it says itself.
  const atFault = (parts: Part[] | undefined) => parts?.find((p) => p.health === told?.health);
  const service = told && told.health !== "running" ? atFault(told.services) : undefined;
  const culprit = service && { name: [service.name, atFault(service.parts)?.name].filter(Boolean).join(" · "), reason: atFault(service.parts)?.reason || service.reason };
  const word = { running: words.health.good, waiting: words.health.waiting, failed: words.health.failed };
  const state = { running: words.health.running, waiting: words.health.waiting, failed: words.health.failed };
  return (
    <>
      <div className="head">
        <h1>{words.nav.health}</h1>
        <div className="head-actions">
          {me.grafana && <a className="button quiet" href={dashboard(me.grafana, live.staleSince)} target="_blank" rel="noreferrer" data-testid="grafana">{words.health.grafana}</a>}
          {me.orleans && <a className="button quiet" href={me.orleans} target="_blank" rel="noreferrer" data-testid="orleans">{words.health.orleans}</a>}
        </div>
      </div>
      {told && <p className={"answer answer-" + told.health} data-testid="answer" data-health={told.health}>{word[told.health]} {culprit && <span lang="en" data-testid="culprit">{culprit.name}{culprit.reason && `: ${culprit.reason}`}</span>} {live.word === "live" && <span className="muted">{words.health.lag(live.lagMs)}</span>}</p>}
      <div className="columns">
        <section className="card">
          <h2>{words.health.partitions}</h2>
          <p>{live.notServing.length === 0 ? words.health.allServing : words.health.partitionsAway(live.notServing.length)}</p>
          <p className="muted">{words.common.pair(words.health.engine, told ? state[told.engine.health as keyof typeof state] : "–")}</p>
          <Partitions />
        </section>
        <section className="card">
          <h2>{words.health.dead}</h2>
          <DeadCount />
          {may("Analyst", "Approver", "Auditor", "Admin") && <p><Link to="/health/dead-letters" className="button" testid="open-dead-letters">{words.health.dead}</Link></p>}
        </section>
        <section className="card wide">
          <h2>{words.reconcile.title}</h2>
          <Reconciliation />
        </section>
        <section className="card wide">
          <h2>{words.health.services}</h2>
          {told?.services.length === 0 && <p className="muted">{words.health.none}</p>}
          <Sources />
          {told && told.services.length > 0 && (
            <table className="grid">
              <caption className="hidden">{words.health.services}</caption>
              <tbody>
                {told.services.flatMap((s) => [s, ...(s.parts ?? [])].map((p, i) => (
                  <tr key={s.name + p.name + i}>
                    <th scope="row" className={i > 0 ? "inner" : undefined}>{p.name}</th>
                    <td><span className="tag">{state[p.health]}</span> {p.reason}</td>
                    <td>{Object.entries(p).filter(([, v]) => typeof v === "number").map(([k, v]) => <span key={k} className="muted"> {k} <span className="fig">{count(v as number, lang)}</span></span>)}</td>
                  </tr>
                )))}
              </tbody>
            </table>
          )}
        </section>
      </div>
    </>
  );
}

/** Where each partition is and how far it has come; read while somebody has it open. */
function Partitions() {
  const { words, lang } = useShared();
  const { query } = usePlace();
  const isOpen = query.get("parts") === "1";
  const { data, problem } = useFollow<Standing>(isOpen ? "/partitions" : null, 5_000);
  const milliseconds = (micros: number | null) => (micros === null ? "–" : (micros / 1_000).toFixed(1));
  return (
    <details open={isOpen} onToggle={(event) => event.currentTarget.open !== isOpen && choose({ parts: event.currentTarget.open ? "1" : null }, true)} data-testid="partitions">
      <summary>{words.health.each}</summary>
      {problem && <Failed problem={problem} />}
      {data && <p className="muted" data-testid="commit-times">{words.health.commits(milliseconds(data.commitP50Micros), milliseconds(data.commitP99Micros), count(data.queued ?? 0, lang))}</p>}
      {data && (
        <Table
          rows={data.partitions} caption={words.health.partitions} keyOf={(p) => String(p.partition)} rowTestid="partition"
          columns={[
            { head: words.chain.partition, of: (p) => ((p.partition ?? 0) < 0 ? words.chain.house : p.partition) },
            { head: words.health.owner, of: (p) => (p.isHere ? words.health.here : words.health.elsewhere) },
            { head: words.common.state, of: (p) => (p.serves || !p.isHere ? words.health.running : <><span lang="en">{p.why}</span>{p.recovery && <span className="below" data-testid="recovery">{words.health.recovery(...([p.recovery.accounts, p.recovery.accountsAll, p.recovery.frames, p.recovery.framesAll].map((n) => count(n ?? 0, lang)) as [string, string, string, string]))}</span>}</>) },
            { head: words.health.epoch, figure: true, of: (p) => count(p.epoch ?? 0, lang) },
            { head: words.chain.head, figure: true, of: (p) => count(p.head ?? 0, lang) },
            { head: words.health.shown, figure: true, of: (p) => (p.shown === null ? "–" : count(p.shown, lang)) },
          ]}
        />
      )}
    </details>
  );
}

/** What came of each source since the process began: one that has gone quiet, repeats itself or contradicts itself is seen before anybody misses its events. */
function Sources() {
  const { words, lang, zone } = useShared();
  const { data } = useFollow<SourcesTold>("/sources", 5_000);
  if (!data || data.sources.length === 0) return null;
  return (
    <>
      <p className="muted">{words.health.sinceStart}</p>
      <Table
        rows={data.sources} caption={words.health.services} keyOf={(s) => s.source ?? ""} testid="sources" rowTestid="source"
        columns={[
          { head: words.customer.origin, of: (s) => s.source },
          { head: words.health.lastEvent, when: true, of: (s) => moment(s.lastAt, lang, zone) },
          { head: words.health.perSecond, figure: true, of: (s) => ((s.lastMinute ?? 0) / 60).toFixed(1) },
          ...([["Applied", "applied"], ["Duplicate", "duplicates"], ["ConflictingDuplicate", "conflicting"], ["Parked", "parked"], ["Superseded", "superseded"], ["Refused", "refused"], ["Undecodable", "undecodable"]] as const).map(([name, key]) => ({
            head: outcomeWord(words, name), figure: true, of: (s: SourcesTold["sources"][number]) => <span data-testid={"source-" + key} data-value={s[key]}>{count(s[key] ?? 0, lang)}</span>,
          })),
        ]}
      />
    </>
  );
}

/** Our open receivables by company against the last list out of the seller's own books, and who differs. */
function Reconciliation() {
  const { words, lang, zone } = useShared();
  const { data } = useFollow<Reconciled>("/reconciliation", 5_000);
  if (!data) return null;
  const text = words.reconcile;
  const report = data.report as ReconciliationReport | null;
  type Row = CompanyTotal | BalanceDifference;
  const columns = [
    { head: text.company, of: (r: Row) => r.company || "–" },
    ...(["ours", "theirs", "difference", "unapplied"] as const).map((side, i) => ({ head: text.sides[i], figure: true, of: (r: Row) => <Amount minor={r[side]} currency={r.currency ?? ""} code={i === 0} /> })),
  ];
  return (
    <div data-testid="reconciliation" data-state={data.state}>
      {data.state !== "Done" && <p className={data.why ? "failed" : "muted"}>{text.states[data.state as keyof typeof text.states]} {data.why ? <span lang="en">{data.whyDetail}</span> : data.state === "None" && <code>PUT /api/v1/reconciliation: customer,company,currency,amount</code>}</p>}
      {report && (
        <>
          <p>{words.common.pair(words.customer.asOf, moment(report.asOf, lang, zone))}</p>
          <Table rows={report.totals} caption={text.title} keyOf={(_, i) => String(i)} rowTestid="company" columns={columns} />
          {report.agrees ? <p>{text.agrees}</p> : (
            <Table
              rows={report.differences} caption={text.title} keyOf={(_, i) => String(i)} rowTestid="differs"
              columns={[{ head: words.board.customer, of: (d) => <><Link to={"/customers/" + d.customer}>{d.customer}</Link> {d.name} {d.side !== "both" && <span className="tag">{d.side === "list" ? text.list : text.book}</span>}</> }, ...columns]}
            />
          )}
        </>
      )}
    </div>
  );
}

/** The dashboard over the time that matters: from a quarter of an hour before a source fell silent on, else the last hour. */
function dashboard(address: string, since: string | null): string {
  const from = since ? String(new Date(since).getTime() - 15 * 60_000) : "now-1h";
  return `${address}?${new URLSearchParams({ from, to: "now" })}`;
}

function DeadCount() {
  const { words, may } = useShared();
  const allowed = may("Analyst", "Approver", "Auditor", "Admin");
  const { data } = useGet<Records>(allowed ? "/dead-letters?limit=500" : null);
  if (!allowed || !data) return null;
  const open = data.rows.filter((r) => !(r as DeadRow).settled).length;
  return <p data-testid="dead-count" data-value={open}>{open === 0 ? words.health.deadNone : words.health.deadCount(open + (data.cursor ? "+" : ""))}</p>;
}
