import { useEffect, useRef, useState } from "react";
import { ApiError, post, type Problem } from "../api";
import { useShared } from "../context";
import { moment, share } from "../format";
import { useScreenKeys } from "../keys";
import { useView } from "../live/hooks";
import { Failed, Field, Link, Missing } from "../parts/basics";
import { addressOf, choose, go, usePlace } from "../url";

interface Alert {
  id: string;
  customer: string;
  name?: string;
  state: string;
  indicator: string;
  about?: string;
  severity: string;
  value?: string;
  threshold?: string;
  clears?: string;
  at: string;
  firstPosition?: string;
  lastPosition?: string;
  eventIds?: string[];
  transitions?: number;
  flapping?: boolean;
  mark?: { takenBy?: string | null; snoozedUntil?: string | null; resolvedBy?: string | null; note?: string | null };
}

const tabs = ["firing", "resolved", "all"] as const;

export function Alerts({ id }: { id?: string }) {
  const { words, lang, zone } = useShared();
  const { query } = usePlace();
  const view = useView<Alert>("alerts");
  const told = query.get("tab") as (typeof tabs)[number] | null;
  const tab = told && tabs.includes(told) ? told : "firing";
  const all = view ? view.order.map((key) => view.rows.get(key)!).filter(Boolean) : [];
  const isFiring = (a: Alert) => a.state === "credit.signal.raised.v1" && !a.mark?.resolvedBy;
  const rows = all.filter((a) => (tab === "firing" ? isFiring(a) : tab === "resolved" ? !isFiring(a) : true));
  const [active, setActive] = useState<string | null>(null);
  const table = useRef<HTMLTableElement>(null);
  const keep = { tab: tab === "firing" ? undefined : tab };
  const open = (a: Alert) => go(addressOf("/alerts/" + encodeURIComponent(a.id), keep));
  const move = (step: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.findIndex((r) => r.id === active) + step))];
    if (!next) return;
    setActive(next.id);
    table.current?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(next.id)}"]`)?.focus();
  };
  useScreenKeys({ j: () => move(1), k: () => move(-1), o: () => { const a = rows.find((r) => r.id === active); if (a) open(a); }, Escape: () => id && go(addressOf("/alerts", keep)) });
  const chosen = id ? all.find((a) => a.id === id) : undefined;
  return (
    <>
      <h1>{words.alerts.title}</h1>
      <div className="tabs" role="tablist" aria-label={words.alerts.title}>
        {tabs.map((t) => <button key={t} type="button" role="tab" aria-selected={tab === t} onClick={() => choose({ tab: t === "firing" ? null : t })}>{words.alerts.tabs[t]} {t === "firing" && <span className="count">{all.filter(isFiring).length}</span>}</button>)}
      </div>
      <div className={id ? "split split-open" : "split"}>
        <section className="list" role="tabpanel" aria-label={words.alerts.tabs[tab]}>
          {view !== null && rows.length === 0 ? (
            <p className="empty">{words.alerts.empty}</p>
          ) : (
            <div className="scroll">
              <table className="grid" ref={table} data-testid="alerts" aria-busy={view === null}>
                <caption className="hidden">{words.alerts.caption}</caption>
                <thead>
                  <tr>
                    <th scope="col">{words.alerts.severity}</th>
                    <th scope="col">{words.alerts.signal}</th>
                    <th scope="col">{words.alerts.customer}</th>
                    <th scope="col" className="num">{words.alerts.value}</th>
                    <th scope="col" className="num">{words.alerts.threshold}</th>
                    <th scope="col">{words.alerts.since}</th>
                    <th scope="col">{words.alerts.taken}</th>
                    <th scope="col">{words.alerts.state}</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((a, i) => (
                    <tr key={a.id} data-id={a.id} data-testid="alert" data-state={a.state} className={a.id === id ? "open" : undefined} tabIndex={active === a.id || (active === null && i === 0) ? 0 : -1} onFocus={() => setActive(a.id)} onClick={(event) => !(event.target as HTMLElement).closest("a,button") && open(a)} onKeyDown={(event) => event.key === "Enter" && event.target === event.currentTarget && open(a)}>
                      <td><Severity name={a.severity} /></td>
                      <td><Link to={"/alerts/" + encodeURIComponent(a.id)} query={keep}>{words.alerts.names[a.indicator as keyof typeof words.alerts.names] ?? a.indicator}</Link> <span className="muted">{a.indicator}{a.about ? ` · ${a.about}` : ""}{a.flapping ? ` · ${words.alerts.flapping(a.transitions ?? 0)}` : ""}</span></td>
                      <td><Link to={"/customers/" + a.customer}>{a.customer}</Link> <span className="clip muted">{a.name}</span></td>
                      <td className="num fig">{valueOf(a, a.value)}</td>
                      <td className="num fig">{valueOf(a, a.threshold)}</td>
                      <td>{moment(a.at, lang, zone)}</td>
                      <td>{a.mark?.takenBy ?? <span className="muted">–</span>}</td>
                      <td><StateWord alert={a} /></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
        {id && view !== null && (chosen ? <Panel key={chosen.id} alert={chosen} close={() => go(addressOf("/alerts", keep))} /> : <aside className="panel"><Missing /></aside>)}
      </div>
    </>
  );

  /** Shares come in basis points, days as days, the rest as amounts of the base currency. */
  function valueOf(a: Alert, value: string | undefined): string {
    if (value === undefined || a.flapping) return "–";
    if (["EW-01", "EW-06"].includes(a.indicator)) return share(Math.min(99_990_001, Number(value)), lang);
    if (["EW-05", "EW-10", "EW-11"].includes(a.indicator)) return words.customer.late(Number(value));
    // The others are true or false.
    return "–";
  }
}

function Severity({ name }: { name: string }) {
  const { words } = useShared();
  const level = ["Info", "Low", "Medium", "High", "Critical"].indexOf(name) + 1;
  return (
    <span className={"severity severity-" + level}>
      <svg viewBox="0 0 20 12" width="20" height="12" aria-hidden="true">{[1, 2, 3, 4, 5].map((n) => <rect key={n} x={(n - 1) * 4} y={12 - n * 2.4} width="3" height={n * 2.4} className={n <= level ? "on" : "off"} />)}</svg>
      {words.alerts.severities[name as keyof typeof words.alerts.severities] ?? name}
    </span>
  );
}

function StateWord({ alert: a }: { alert: Alert }) {
  const { words, lang, zone } = useShared();
  if (a.mark?.resolvedBy) return <span className="tag">{words.alerts.resolvedBy(a.mark.resolvedBy)}</span>;
  if (a.mark?.snoozedUntil && new Date(a.mark.snoozedUntil).getTime() > Date.now()) return <span className="tag">{words.alerts.snoozed(moment(a.mark.snoozedUntil, lang, zone))}</span>;
  return <span className="tag">{words.alerts.states[a.state as keyof typeof words.alerts.states] ?? a.state}</span>;
}

function Panel({ alert: a, close }: { alert: Alert; close: () => void }) {
  const { words, lang, zone, may, me } = useShared();
  const { query } = usePlace();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [noting, setNoting] = useState(false);
  const [note, setNote] = useState("");
  const allowed = may("Analyst", "Approver");
  const act = async (name: string, body?: unknown) => {
    setProblem(null);
    try {
      await post(`/warnings/${encodeURIComponent(a.id)}/${name}`, body ?? {});
      setNoting(false);
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
  };
  const tomorrow = () => {
    const at = new Date();
    at.setDate(at.getDate() + 1);
    at.setHours(9, 0, 0, 0);
    return at.toISOString();
  };
  useScreenKeys({ a: () => allowed && void act("take"), m: () => allowed && void act("take"), s: () => allowed && void act("snooze", { until: tomorrow() }), e: () => allowed && setNoting(true) });
  const take = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (query.get("do") === "take") take.current?.focus();
  }, []);
  const off = allowed ? undefined : words.holds.roleMissing(words.roles.Analyst);
  return (
    <aside className="panel" data-testid="alert-panel" data-id={a.id} aria-label={words.alerts.panel}>
      <div className="panel-head">
        <h2>{words.alerts.names[a.indicator as keyof typeof words.alerts.names] ?? a.indicator}</h2>
        <button type="button" className="quiet icon" onClick={close} aria-label={words.common.close}>×</button>
      </div>
      <p><Severity name={a.severity} /> <StateWord alert={a} /></p>
      <p><Link to={"/customers/" + a.customer}>{a.customer}</Link> {a.name} {a.about && <span className="muted">· {a.about}</span>}</p>
      {a.state === "credit.signal.retracted.v1" && <p className="notice">{words.alerts.retracted}</p>}
      <dl className="facts small">
        <div className="fact"><dt>{words.alerts.since}</dt><dd>{moment(a.at, lang, zone)}</dd></div>
        {a.clears && <div className="fact"><dt>{words.alerts.clears}</dt><dd lang="en">{a.clears}</dd></div>}
        <div className="fact"><dt>{words.alerts.taken}</dt><dd data-testid="taken-by">{a.mark?.takenBy ?? "–"}</dd></div>
      </dl>
      {a.mark?.note && <p className="quote">{a.mark.note}</p>}
      {a.lastPosition && <p><Link to={`/customers/${a.customer}/events/${a.lastPosition}`}>{words.customer.event}</Link></p>}
      {problem && (problem.by ? <p className="failed" role="alert">{words.alerts.conflict(problem.by)}</p> : <Failed problem={problem} />)}
      <div className="buttons">
        <button type="button" ref={take} className="primary" aria-disabled={!allowed || a.mark?.takenBy === me.user} title={off} onClick={() => allowed && void act("take")} data-testid="take">{words.alerts.take}</button>
        <button type="button" className="quiet" aria-disabled={!allowed} title={off} onClick={() => allowed && void act("snooze", { until: tomorrow() })}>{words.alerts.snooze}</button>
        <button type="button" className="quiet" aria-disabled={!allowed} title={off} onClick={() => allowed && setNoting(true)}>{words.alerts.resolve}</button>
      </div>
      {noting && (
        <form className="act" onSubmit={(event) => { event.preventDefault(); void act("resolve", { note }); }}>
          <Field label={words.alerts.note}>{(f) => <textarea {...f} rows={3} autoFocus value={note} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => event.key === "Enter" && event.ctrlKey && void act("resolve", { note })} />}</Field>
          <div className="buttons">
            <button type="submit" className="primary" aria-disabled={note.trim().length < 10}>{words.alerts.resolve}</button>
            <button type="button" className="quiet" onClick={() => setNoting(false)}>{words.common.cancel}</button>
          </div>
        </form>
      )}
    </aside>
  );
}
