import { useRef, useState, type FormEvent } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { ScorecardLine, Scorecards as Told } from "../contract";
import { useShared } from "../context";
import { day, moment } from "../format";
import { DecisionButton, Failed, Field, useGet } from "../parts/basics";
import { focus } from "../parts/input";
import { Table } from "../parts/table";
import { Decide } from "./proposals";

type Target = "late5" | "late15" | "onset5" | "onset15";

/** Scorecards: those in use and their shadows, those that wait for a second person, and on demand those that were. */
export function Scorecards() {
  const { words, lang, zone, may, me } = useShared();
  const cards = useGet<Told>("/scorecards");
  const [earlier, setEarlier] = useState(false);
  const [leaving, setLeaving] = useState<ScorecardLine | null>(null);
  const all = cards.data?.cards ?? [];
  const stands = (c: ScorecardLine) => c.state === "Approved" || c.state === "Open";
  const first = (c: ScorecardLine) => Number(c.state === "Approved" && c.use === "InUse");
  const rows = all.filter((c) => earlier || stands(c)).sort((a, b) => first(b) - first(a));
  const mayLeave = (c: ScorecardLine) => (c.state === "Approved" ? may("PolicyOwner", "PolicyApprover") : c.state === "Open" && c.proposedBy === me.user);
  const reload = () => {
    setLeaving(null);
    cards.reload();
  };
  return (
    <section data-testid="scorecards">
      <h2>{words.score.cards}</h2>
      {cards.problem && <Failed problem={cards.problem} />}
      {cards.data && !all.some((c) => c.state === "Approved" && c.use === "InUse") && <p className="muted" data-testid="no-card">{words.score.none}</p>}
      {rows.length > 0 && (
        <Table
          rows={rows} caption={words.score.cards} keyOf={(c) => c.id ?? ""} rowTestid="scorecard" dataOf={(c) => ({ "data-state": c.state ?? undefined, "data-use": c.use ?? undefined, "data-target": c.target ?? undefined })}
          columns={[
            { head: words.score.target, of: (c) => words.score.targets[c.target as Target] ?? c.target },
            { head: words.score.card, of: (c) => (c.characters ? <a href={`/api/v1/scorecards/${c.id}/text`} target="_blank" rel="noreferrer" title={c.sha256 ?? undefined}><code>{c.version}</code></a> : <code>{c.version}</code>) },
            { head: words.score.place, of: (c) => words.score.uses[c.use as "InUse" | "Shadow"] },
            { head: words.holds.requested, of: (c) => <>{c.proposedBy} <span className="muted">{moment(c.proposedAt, lang, zone)}</span></> },
            { head: words.limits.lapses, of: (c) => (c.state === "Open" ? day(c.lapsesAfter, lang) : <span className="muted">–</span>) },
            {
              head: words.common.state, of: (c) => (
                <Decide of={c} roles={["PolicyApprover"]} reload={reload} approved={words.score.inForce}>
                  {mayLeave(c) && <button type="button" className="quiet" onClick={() => setLeaving(c)} data-testid={"withdraw-" + c.id}>{c.state === "Open" ? words.holds.withdraw : words.score.withdraw}</button>}
                  {c.reason && !stands(c) && <span className="muted">{c.reason}</span>}
                </Decide>
              ),
            },
          ]}
        />
      )}
      {leaving && <Leave key={leaving.id} card={leaving} close={() => setLeaving(null)} done={reload} />}
      <p className="row">
        {all.some((c) => !stands(c)) && <button type="button" className="chip" aria-pressed={earlier} onClick={() => setEarlier(!earlier)} data-testid="earlier-cards">{words.score.earlier}</button>}
      </p>
      <Propose done={cards.reload} />
    </section>
  );
}

/** One person suffices to take a card out of force; it is said why. */
function Leave({ card: c, close, done }: { card: ScorecardLine; close: () => void; done: () => void }) {
  const { words } = useShared();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useRef(newKey());
  const why = reason.trim().length < 10 ? words.holds.needText : null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (why) return;
    try {
      await post(`/scorecards/${c.id}/withdraw?reason=${encodeURIComponent(reason.trim())}`, undefined, key.current);
      done();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
      key.current = newKey();
    }
  };
  return (
    <form className="act" data-testid="withdraw-form" onSubmit={(event) => void submit(event)} onKeyDown={(event) => event.key === "Escape" && close()}>
      <Field label={words.common.pair(words.score.withdraw, `${words.score.targets[c.target as Target] ?? c.target} (${c.version})`)} hint={c.state === "Approved" ? words.score.leaves : undefined}>{(a) => <input {...a} className="long" ref={focus} maxLength={500} value={reason} placeholder={words.holds.text} onChange={(event) => setReason(event.target.value)} data-testid="withdraw-reason" />}</Field>
      {problem && <Failed problem={problem} />}
      <div className="buttons">
        <DecisionButton testid="withdraw-now" submit why={why}>{words.score.withdraw}</DecisionButton>
        <button type="button" className="quiet" onClick={close}>{words.common.cancel}</button>
      </div>
    </form>
  );
}

/** The file that `exposure learn` wrote, as it is; the service reads it and says what is wrong with it. */
function Propose({ done }: { done: () => void }) {
  const { words, may } = useShared();
  const [file, setFile] = useState<File | null>(null);
  const [use, setUse] = useState("Shadow");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState(false);
  const key = useRef(newKey());
  const why = !may("PolicyOwner") ? words.holds.roleMissing(words.roles.PolicyOwner) : !file ? words.score.choose : null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (why || !file) return;
    setProblem(null);
    setTold(false);
    try {
      await post("/scorecards/drafts", { card: await file.text(), use }, key.current);
      setTold(true);
      done();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
    key.current = newKey();
  };
  return (
    <form className="act card" onSubmit={(event) => void submit(event)}>
      <div className="row">
        <Field label={words.score.file}>{(a) => <input {...a} type="file" accept=".scorecard" onChange={(event) => setFile(event.target.files?.[0] ?? null)} data-testid="card-file" />}</Field>
        <Field label={words.score.place}>{(a) => <select {...a} value={use} onChange={(event) => setUse(event.target.value)} data-testid="card-use">{(["Shadow", "InUse"] as const).map((u) => <option key={u} value={u}>{words.score.uses[u]}</option>)}</select>}</Field>
      </div>
      {told && <p className="done" role="status">{words.policy.proposed}</p>}
      {problem && <Failed problem={problem} />}
      <DecisionButton testid="propose-card" kind="quiet" submit why={why}>{words.score.propose}</DecisionButton>
    </form>
  );
}
