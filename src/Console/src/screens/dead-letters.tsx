import { useRef, useState } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { DeadLetter, Records } from "../contract";
import { outcomeWord } from "../words/en";
import { useShared } from "../context";
import { moment } from "../format";
import { DecisionButton, Export, Failed, Field, Forbidden, Link, Missing, useGet } from "../parts/basics";
import { focus } from "../parts/input";
import { Table } from "../parts/table";
import { addressOf, choose, go, usePlace } from "../url";

export interface DeadRow {
  at?: string;
  type?: string;
  customer?: string;
  id?: string;
  reason?: string;
  reasonCode?: string;
  eventId?: string;
  outcomeDetail?: string;
  entry?: string;
  settled?: "discarded" | "replayed";
  settledBy?: string;
  settledWhy?: string;
}

export function DeadLetters({ entry }: { entry?: string }) {
  const { words, lang, zone, may } = useShared();
  const { query } = usePlace();
  const allowed = may("Analyst", "Approver", "Auditor", "Admin");
  const list = useGet<Records>(allowed ? "/dead-letters?limit=200" : null);
  if (!allowed) return <Forbidden text={words.health.dead} />;
  const tab = query.get("tab") === "settled" ? "settled" : "open";
  const all = (list.data?.rows ?? []) as unknown as DeadRow[];
  const rows = all.filter((r) => Boolean(r.settled) === (tab === "settled"));
  const keep = { tab: tab === "settled" ? tab : undefined };
  const entryOf = (r: DeadRow) => r.entry ?? (r.id ?? "").split("-").slice(0, 3).join("-");
  return (
    <>
      <p><Link to="/health">← {words.nav.health}</Link></p>
      <div className="head"><h1>{words.health.dead}</h1><div className="head-actions"><Export of="dead-letters" query={{ state: tab }} /></div></div>
      <div className="tabs" role="tablist" aria-label={words.health.dead}>
        {(["open", "settled"] as const).map((t) => (
          <button key={t} type="button" role="tab" aria-selected={tab === t} data-testid={"tab-" + t} onClick={() => choose({ tab: t === "open" ? null : t })}>
            {words.dead.tabs[t]} <span className="count">{all.filter((r) => Boolean(r.settled) === (t === "settled")).length}</span>
          </button>
        ))}
      </div>
      {list.problem && <Failed problem={list.problem} />}
      <div className={entry ? "split split-open split-wide" : "split"}>
        <section className="list" role="tabpanel" aria-label={words.dead.tabs[tab]}>
          {list.data && rows.length === 0 ? <p className="empty">{tab === "open" ? words.health.deadNone : words.dead.noneSettled}</p> : (
            <Table
              rows={rows} caption={words.health.deadCaption} keyOf={entryOf} testid="dead-letters" rowTestid="dead-letter" isOpen={(r) => entryOf(r) === entry} onOpen={(r) => go(addressOf("/health/dead-letters/" + entryOf(r), keep))}
              columns={[
                { head: words.common.reason, of: (r) => <><Link to={"/health/dead-letters/" + entryOf(r)} query={keep}>{r.reasonCode ?? r.reason ?? r.type}</Link> <span className="muted clip clip-wide" lang="en" title={r.outcomeDetail}>{r.outcomeDetail}</span></> },
                { head: words.health.subject, of: (r) => <span className="fig">{r.eventId ?? entryOf(r)}</span> },
                { head: words.board.customer, of: (r) => r.customer },
                { head: words.health.when, when: true, of: (r) => moment(r.at, lang, zone) },
                ...(tab === "settled" ? [{ head: words.dead.settledBy, of: (r: DeadRow) => <span data-testid="settled">{words.dead.states[r.settled!]} · {r.settledBy} <span className="muted">{r.settledWhy}</span></span> }] : []),
              ]}
            />
          )}
        </section>
        {entry && <DeadPanel key={entry} entry={entry} close={() => go(addressOf("/health/dead-letters", keep))} />}
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
        <div className="fact"><dt>{words.customer.outcome}</dt><dd>{outcomeWord(words, d.outcome)}</dd></div>
        <div className="fact"><dt>{words.customer.entry}</dt><dd className="fig">{d.entry}</dd></div>
        <div className="fact"><dt>{words.customer.stream}</dt><dd className="fig">{d.stream ? `${d.stream} @ ${d.offset}` : words.customer.viaHttp}</dd></div>
        <div className="fact"><dt>{words.customer.arrived}</dt><dd>{moment(d.arrival, lang, zone)}</dd></div>
      </dl>
      <Field label={words.health.body}>{(a) => <textarea {...a} rows={14} className="mono" value={text ?? original} onChange={(e) => setText(e.target.value)} spellCheck={false} data-testid="repair" />}</Field>
      <p className="muted">{words.health.discardNote}</p>
      {told && <p className="done" role="status">{words.health.replayed}</p>}
      {problem && <Failed problem={problem} />}
      <DecisionButton testid="replay" onClick={() => void submit()} why={may("Approver", "Admin") ? null : words.holds.roleMissing(words.roles.Approver)}>{words.health.replay}</DecisionButton>
      <Discard entry={entry} letter={d} done={letter.reload} />
      {d.replays.length > 0 && (
        <>
          <h3>{words.health.replays}</h3>
          <ul className="plain">{d.replays.map((r) => <li key={r.proposal}>{words.limits.proposalStates[r.state as keyof typeof words.limits.proposalStates] ?? r.state} <span className="fig">{r.entry}</span></li>)}</ul>
        </>
      )}
    </aside>
  );
}

/** Leaving it for good: with a reason, and by two people. */
function Discard({ entry, letter, done }: { entry: string; letter: DeadLetter; done: () => void }) {
  const { words, may } = useShared();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState(false);
  const key = useRef(newKey());
  const why = !may("Analyst", "Approver", "Admin") ? words.holds.roleMissing(words.roles.Analyst) : isOpen && reason.trim().length < 10 ? words.holds.needText : null;
  const submit = async () => {
    if (why) return;
    if (!isOpen) return setOpen(true);
    setProblem(null);
    try {
      await post(`/dead-letters/${entry}/discard`, { reason: reason.trim() }, key.current);
      setTold(true);
      setOpen(false);
      done();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
      key.current = newKey();
    }
  };
  return (
    <form className="act" data-testid="discard-form" onSubmit={(event) => { event.preventDefault(); void submit(); }} onKeyDown={(event) => event.key === "Enter" && event.ctrlKey && void submit()}>
      {isOpen && <Field label={words.dead.reason} hint={words.dead.hint}>{(a) => <textarea {...a} rows={3} ref={focus} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} data-testid="discard-reason" />}</Field>}
      {problem && <Failed problem={problem} />}
      {told && <p className="done" role="status" data-testid="discard-told">{words.dead.proposed}</p>}
      {!told && <DecisionButton testid="discard" submit kind="quiet" why={why}>{words.dead.discard}</DecisionButton>}
      {letter.discards.length > 0 && (
        <>
          <h3>{words.dead.discards}</h3>
          <ul className="plain">{letter.discards.map((x) => <li key={x.proposal}>{words.limits.proposalStates[x.state as keyof typeof words.limits.proposalStates] ?? x.state} · {words.dead.by(x.proposedBy ?? "")} <span className="muted">{x.reason}</span></li>)}</ul>
        </>
      )}
    </form>
  );
}
