import { useState } from "react";
import { ApiError, post, type Problem } from "../api";
import type { Decision } from "../contract";
import { useShared } from "../context";
import { Amount, Failed, Field } from "../parts/basics";
import { minorOf } from "../parts/input";
import { ruleText } from "./rules";

/** A new order of an amount, judged by the real check without an effect. */
export function WhatIf({ id, currency }: { id: string; currency: string }) {
  const { words, may } = useShared();
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState<Decision | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const minor = minorOf(text, currency);
  const allowed = may("Analyst", "Approver", "PolicyOwner", "PolicyApprover");
  const ask = () => {
    if (!minor || !allowed) return;
    setProblem(null);
    post<Decision>(`/customers/${id}/credit-checks/what-if`, { amount: minor, currency }).then(setAnswer, (error: unknown) => error instanceof ApiError && setProblem(error.problem));
  };
  return (
    <section className="card" data-testid="what-if">
      <p><strong className="tag">{words.customer.simulation}</strong> {words.customer.whatIfText}</p>
      <form className="row" onSubmit={(event) => { event.preventDefault(); ask(); }}>
        <Field label={`${words.holds.amount} (${currency})`}>{(a) => <input {...a} value={text} onChange={(event) => setText(event.target.value)} inputMode="decimal" data-testid="what-if-amount" />}</Field>
        <button type="submit" className="primary" aria-disabled={!minor || !allowed} title={allowed ? undefined : words.holds.roleMissing(words.roles.Analyst)}>{words.customer.check}</button>
      </form>
      {problem && <Failed problem={problem} />}
      {answer && (
        <div data-testid="what-if-answer" data-decision={answer.decision}>
          <p><strong>{words.common.pair(words.customer.decision, words.customer.verdicts[answer.decision as keyof typeof words.customer.verdicts] ?? answer.decision ?? "")}</strong> · {words.customer.afterThis} <Amount minor={answer.afterThis} currency={answer.limitCurrency ?? currency} code /></p>
          <ul>
            {answer.reasons.map((r) => <li key={r.ruleId}>{ruleText(words, r.ruleId ?? "")} ({words.policy.reaction[["Off", "Ignore", "Warn", "Hold", "Refuse"].indexOf(r.reaction ?? "")] ?? r.reaction}, {words.holds.excess} <Amount minor={r.excess} currency={r.currency ?? currency} />)</li>)}
          </ul>
        </div>
      )}
    </section>
  );
}
