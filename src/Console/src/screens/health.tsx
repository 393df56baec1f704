import { useEffect, useRef, useState } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { DeadLetter, Records } from "../contract";
import { outcomeWord } from "../words/en";
import { useShared } from "../context";
import { count, moment } from "../format";
import { useLive } from "../live/hooks";
import { DecisionButton, Failed, Field, Forbidden, Link, Missing, useGet } from "../parts/basics";
import { addressOf, go } from "../url";

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
  const { words, lang, may } = useShared();
  const live = useLive();
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    const read = () => void fetch("/health", { headers: { Accept: "application/json" } }).then((r) => r.json() as Promise<Told>).then(setTold, () => setTold(null));
    read();
    const again = setInterval(read, 3_000);
    return () => clearInterval(again);
  }, []);
  const word = { running: words.health.good, waiting: words.health.waiting, failed: words.health.failed };
  const state = { running: words.health.running, waiting: words.health.waiting, failed: words.health.failed };
  return (
    <>
      <h1>{words.health.title}</h1>
      {told && <p className={"answer answer-" + told.health} data-testid="answer" data-health={told.health}>{word[told.health]} {live.word === "live" && <span className="muted">{words.health.lag(live.lagMs)}</span>}</p>}
      <div className="columns">
        <section className="card">
          <h2>{words.health.partitions}</h2>
          <p>{live.notServing.length === 0 ? words.health.allServing : words.health.partitionsAway(live.notServing.length)}</p>
          <p className="muted">{words.health.engine}: {told ? state[told.engine.health as keyof typeof state] : "–"}</p>
        </section>
        <section className="card">
          <h2>{words.health.dead}</h2>
          <DeadCount />
          {may("Analyst", "Approver", "Auditor", "Admin") && <p><Link to="/health/dead-letters" className="button" testid="open-dead-letters">{words.health.dead}</Link></p>}
        </section>
        <section className="card wide">
          <h2>{words.health.services}</h2>
          {told?.services.length === 0 && <p className="muted">{words.health.none}</p>}
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

function DeadCount() {
  const { words, may } = useShared();
  const allowed = may("Analyst", "Approver", "Auditor", "Admin");
  const { data } = useGet<Records>(allowed ? "/dead-letters?limit=500" : null);
  if (!allowed || !data) return null;
  return <p data-testid="dead-count" data-value={data.rows.length}>{data.rows.length === 0 ? words.health.deadNone : words.health.deadCount(data.rows.length + (data.cursor ? "+" : ""))}</p>;
}

interface DeadRow {
  at?: string;
  type?: string;
  customer?: string;
  id?: string;
  reason?: string;
  reasonCode?: string;
  eventId?: string;
  outcomeDetail?: string;
  entry?: string;
}

export function DeadLetters({ entry }: { entry?: string }) {
  const { words, lang, zone, may } = useShared();
  const allowed = may("Analyst", "Approver", "Auditor", "Admin");
  const list = useGet<Records>(allowed ? "/dead-letters?limit=200" : null);
  if (!allowed) return <Forbidden text={words.health.dead} />;
  const rows = (list.data?.rows ?? []) as unknown as DeadRow[];
  const entryOf = (r: DeadRow) => r.entry ?? (r.id ?? "").split("-").slice(0, 3).join("-");
  return (
    <>
      <p><Link to="/health">← {words.health.title}</Link></p>
      <h1>{words.health.dead}</h1>
      {list.problem && <Failed problem={list.problem} />}
      <div className={entry ? "split split-open split-wide" : "split"}>
        <section className="list" aria-label={words.health.deadCaption}>
          {list.data && rows.length === 0 ? <p className="empty">{words.health.deadNone}</p> : (
            <div className="scroll">
              <table className="grid" data-testid="dead-letters">
                <caption className="hidden">{words.health.deadCaption}</caption>
                <thead>
                  <tr>
                    <th scope="col">{words.health.reason}</th>
                    <th scope="col">{words.health.subject}</th>
                    <th scope="col">{words.limits.customer}</th>
                    <th scope="col">{words.health.when}</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((r) => (
                    <tr key={r.id} data-id={entryOf(r)} data-testid="dead-letter" className={entryOf(r) === entry ? "open" : undefined} onClick={(event) => !(event.target as HTMLElement).closest("a") && go(addressOf("/health/dead-letters/" + entryOf(r)))}>
                      <td><Link to={"/health/dead-letters/" + entryOf(r)}>{r.reasonCode ?? r.reason ?? r.type}</Link> <span className="muted clip clip-wide" lang="en" title={r.outcomeDetail}>{r.outcomeDetail}</span></td>
                      <td className="fig">{r.eventId ?? entryOf(r)}</td>
                      <td>{r.customer}</td>
                      <td>{moment(r.at, lang, zone)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
        {entry && <DeadPanel key={entry} entry={entry} close={() => go(addressOf("/health/dead-letters"))} />}
      </div>
    </>
  );
}

function DeadPanel({ entry, close }: { entry: string; close: () => void }) {
  const { words, lang, zone, may } = useShared();
  const letter = useGet<DeadLetter>("/dead-letters/" + encodeURIComponent(entry));
  const [text, setText] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState(false);
  const key = useRef(newKey());
  if (letter.problem?.status === 404) return <aside className="panel"><Missing /></aside>;
  const d = letter.data;
  if (!d) return <aside className="panel" aria-busy="true" />;
  const event = d.event as { id?: string; source?: string; type?: string; subject?: string; time?: string; data?: unknown };
  const original = d.recordAsJson ?? JSON.stringify({ specversion: "1.0", ...event }, null, 2);
  const submit = async () => {
    setProblem(null);
    try {
      await post(`/dead-letters/${entry}/replay`, text === null ? undefined : (JSON.parse(text) as unknown), key.current);
      setTold(true);
      letter.reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
      else if (error instanceof SyntaxError) setProblem({ status: 400, code: "NOT_JSON", detail: error.message });
      key.current = newKey();
    }
  };
  return (
    <aside className="panel panel-wide" data-testid="dead-panel" aria-label={entry}>
      <div className="panel-head">
        <h2>{d.reason ?? d.outcome}</h2>
        <button type="button" className="quiet icon" onClick={close} aria-label={words.common.close}>×</button>
      </div>
      <dl className="facts small">
        <div className="fact"><dt>{words.health.outcome}</dt><dd>{outcomeWord(words, d.outcome)}</dd></div>
        <div className="fact"><dt>{words.customer.entry}</dt><dd className="fig">{d.entry}</dd></div>
        <div className="fact"><dt>{words.customer.stream}</dt><dd className="fig">{d.stream ? `${d.stream} @ ${d.offset}` : words.customer.viaHttp}</dd></div>
        <div className="fact"><dt>{words.customer.arrived}</dt><dd>{moment(d.arrival, lang, zone)}</dd></div>
      </dl>
      <Field label={words.health.body}>{(a) => <textarea {...a} rows={14} className="mono" value={text ?? original} onChange={(e) => setText(e.target.value)} spellCheck={false} data-testid="repair" />}</Field>
      <p className="muted">{words.health.discardNote}</p>
      {told && <p className="done" role="status">{words.health.replayed}</p>}
      {problem && <Failed problem={problem} />}
      <DecisionButton testid="replay" onClick={() => void submit()} why={may("Approver", "Admin") ? null : words.holds.roleMissing(words.roles.Approver)}>{words.health.replay}</DecisionButton>
      {d.replays.length > 0 && (
        <>
          <h3>{words.health.replays}</h3>
          <ul className="plain">{d.replays.map((r) => <li key={r.proposal}>{words.limits.proposalStates[r.state as keyof typeof words.limits.proposalStates] ?? r.state} <span className="fig">{r.entry}</span></li>)}</ul>
        </>
      )}
    </aside>
  );
}
