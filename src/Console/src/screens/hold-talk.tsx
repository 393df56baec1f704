import { useRef, useState } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { HoldNote, HoldNotes } from "../contract";
import { useShared } from "../context";
import { day, moment } from "../format";
import { Amount, DecisionButton, Failed, Field } from "../parts/basics";
import { minorOf } from "../parts/input";

const kinds = ["comment", "ask", "assign", "part", "prepayment", "temporary"] as const;
type Kind = (typeof kinds)[number];

/** What people say about a held order, and the conditions under which it may go. A rule releases it when the condition is met. */
export function HoldTalk({ customer, order, currency, held, notes, reload }: { customer: string; order: string; currency: string; held: boolean; notes: HoldNotes | null; reload: () => void }) {
  const { words, lang, zone, me, may } = useShared();
  const [kind, setKind] = useState<Kind>("comment");
  const [text, setText] = useState("");
  const [to, setTo] = useState("");
  const [amount, setAmount] = useState("");
  const [until, setUntil] = useState("");
  const [told, setTold] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useRef(newKey());
  const desk = may("Analyst", "Approver");
  const offered = kinds.filter((k) => k === "comment" || (desk && held));
  const minor = minorOf(amount, currency);
  const why = !desk && !may("Viewer") ? words.holds.roleMissing(words.roles.Viewer)
    : (kind === "comment" || kind === "ask") && !text.trim() ? words.talk.needText : (kind === "ask" || kind === "assign") && !to.trim() ? words.talk.needWhom
    : (kind === "part" || kind === "prepayment" || kind === "temporary") && (!minor || minor === "0") ? words.talk.needAmount : (kind === "prepayment" || kind === "temporary") && !until ? words.talk.needDay
    : kind === "temporary" && text.trim().length < 10 ? words.holds.needText : null;
  const submit = async () => {
    if (why) return;
    setProblem(null);
    setTold("");
    try {
      if (kind === "temporary") {
        // For this order only, and used up by it; it ends by itself.
        await post(`/customers/${customer}/temporary-limits`, { temporaryId: `t-${order}-${key.current.slice(0, 8)}`, amount: minor, currency, from: new Date().toISOString(), to: until + "T23:59:59Z", orders: [order], once: true, reason: text.trim() }, key.current);
        setTold(words.talk.limitAsked);
      } else {
        await post(`/customers/${customer}/holds/${order}/notes`, { kind, text: text.trim(), to: to.trim(), amount: kind === "part" || kind === "prepayment" ? minor : "", until: kind === "prepayment" ? until : "" });
      }
      key.current = newKey();
      setText("");
      setAmount("");
      reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    }
  };
  return (
    <section>
      <h3>{words.talk.title} {notes?.assignedTo && <span className="tag" data-testid="assigned">{words.talk.assigned(notes.assignedTo)}</span>}</h3>
      {notes && notes.notes.length > 0 && <ul className="events" data-testid="talk">{notes.notes.map((n, i) => <li key={i} data-kind={n.kind}><span className="muted">{moment(n.at, lang, zone)} · {n.by}:</span> {saying(n)}</li>)}</ul>}
      <form className="act" data-testid="talk-form" onSubmit={(event) => { event.preventDefault(); void submit(); }} onKeyDown={(event) => event.key === "Enter" && event.ctrlKey && void submit()}>
        <div className="row">
          <Field label={words.talk.what} hint={words.talk.hints[kind]}>
            {(a) => <select {...a} value={kind} onChange={(event) => { setKind(event.target.value as Kind); if (event.target.value === "assign" && !to) setTo(me.user ?? ""); }} data-testid="talk-kind">{offered.map((k) => <option key={k} value={k}>{words.talk.kinds[k]}</option>)}</select>}
          </Field>
          {(kind === "ask" || kind === "assign") && <Field label={words.talk.whom}>{(a) => <input {...a} value={to} onChange={(event) => setTo(event.target.value)} data-testid="talk-to" />}</Field>}
          {(kind === "part" || kind === "prepayment" || kind === "temporary") && <Field label={`${words.holds.amount} (${currency})`}>{(a) => <input {...a} inputMode="decimal" value={amount} onChange={(event) => setAmount(event.target.value)} data-testid="talk-amount" />}</Field>}
          {(kind === "prepayment" || kind === "temporary") && <Field label={words.talk.until}>{(a) => <input {...a} type="date" value={until} onChange={(event) => setUntil(event.target.value)} data-testid="talk-until" />}</Field>}
        </div>
        <Field label={words.talk.text}>{(a) => <textarea {...a} rows={2} maxLength={400} value={text} onChange={(event) => setText(event.target.value)} data-testid="talk-text" />}</Field>
        {told && <p className="done" role="status">{told}</p>}
        {problem && <Failed problem={problem} />}
        <DecisionButton testid="talk-submit" submit kind="quiet" why={why}>{words.talk.submit[kind]}</DecisionButton>
      </form>
    </section>
  );

  function saying(n: HoldNote) {
    const what = words.talk.said[n.kind as keyof typeof words.talk.said];
    return (
      <>
        {what ? what(n.to ?? "") : ""} {n.amount && <strong><Amount minor={n.amount} currency={currency} code /></strong>} {n.until && words.talk.by(day(n.until, lang))} {n.text}
      </>
    );
  }
}
