import { useEffect, useRef, useState } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { Commanded, Customer as CustomerRow, LimitEffect } from "../contract";
import { useShared } from "../context";
import { share } from "../format";
import { DecisionButton, Failed, Field, Link, useGet } from "../parts/basics";
import { focus, minorOf } from "../parts/input";

/** Asks for a limit, permanent or for some days, and shows what it would mean for the utilisation. */
export function LimitRequest({ id, row, version, close, done }: { id: string; row: CustomerRow; version: number | null; close: () => void; done: () => void }) {
  const { words, lang, may } = useShared();
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const [days, setDays] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState("");
  const [busy, setBusy] = useState(false);
  const key = useRef(newKey());
  const currency = row.currency ?? "";
  const minor = minorOf(text, currency);
  const asked = useCalm(minor && minor !== "0" ? minor : null);
  const effect = useGet<LimitEffect>(asked ? `/customers/${id}/limit/effect?amount=${asked}` : null).data;
  const why = !may("Analyst", "Approver") ? words.holds.roleMissing(words.roles.Analyst) : !minor ? words.limits.amount : reason.trim().length < 10 ? words.holds.needText : null;
  const submit = async () => {
    if (why || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const answer = await post<Commanded>(`/customers/${id}/limit-requests`, { kind: "Amount", amount: minor, currency, version: version ?? 0, reason: reason.trim(), ...(days ? { days: Number(days) } : {}) }, key.current);
      const waits = JSON.stringify(answer.effects).includes("limit.requested");
      setTold(waits ? words.limits.asked2 : words.limits.direct);
      key.current = newKey();
      done();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
      key.current = newKey();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="act card" data-testid="limit-form" onSubmit={(event) => { event.preventDefault(); void submit(); }} onKeyDown={(event) => event.key === "Enter" && event.ctrlKey && void submit()}>
      <h2>{words.customer.setLimit}</h2>
      <div className="row">
        <Field label={`${words.limits.amount} (${currency})`}>{(a) => <input {...a} value={text} inputMode="decimal" onChange={(event) => setText(event.target.value)} data-testid="limit-amount" ref={focus} />}</Field>
        <Field label={words.limits.days}>{(a) => <input {...a} value={days} inputMode="numeric" onChange={(event) => setDays(event.target.value.replace(/\D/g, ""))} data-testid="limit-days" />}</Field>
        <Field label={words.holds.text}>{(a) => <input {...a} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={400} data-testid="limit-reason" className="long" />}</Field>
      </div>
      {effect && <p className="muted" data-testid="limit-effect">{words.limits.utilAfter}: <strong className="fig">{share(effect.utilisationBp ?? undefined, lang)}</strong> <Frees of={effect} customer={id} /></p>}
      {told && <p className="done" role="status">{told}</p>}
      {problem && <Failed problem={problem} />}
      <div className="buttons">
        <DecisionButton testid="limit-submit" submit busy={busy} why={why}>{words.customer.setLimit}</DecisionButton>
        <button type="button" className="quiet" onClick={close}>{words.common.close}</button>
      </div>
    </form>
  );
}

/** A value once nobody has changed it for a moment: not every digit is a question. */
function useCalm(value: string | null): string | null {
  const [calm, setCalm] = useState(value);
  useEffect(() => {
    const wait = setTimeout(() => setCalm(value), 300);
    return () => clearTimeout(wait);
  }, [value]);
  return calm;
}

/** The held orders that a limit would free, and those that would stay. */
export function Frees({ of: effect, customer }: { of: LimitEffect; customer: string }) {
  const { words } = useShared();
  if (effect.frees.length === 0 && !effect.stays) return null;
  return (
    <span data-testid="frees" data-value={effect.frees.length}>
      {words.limits.frees(effect.frees.length, effect.stays ?? 0)} {effect.frees.slice(0, 5).map((o) => <Link key={o.orderId} to={`/holds/${customer}/${o.orderId}`} className="chip">{o.orderId}</Link>)}
    </span>
  );
}
