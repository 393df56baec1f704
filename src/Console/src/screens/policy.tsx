import { useRef, useState } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { Policy as PolicyInForce, Proposals, Rates } from "../contract";
import { useShared } from "../context";
import { moment, share } from "../format";
import { DecisionButton, Failed, Field, useGet } from "../parts/basics";
import { ProposalTable } from "./proposals";

/** The order in which the machine asks; an exclusion stands at the step that it switches off. */
const order: [string, string][] = [
  ["FORCED", ""], ["GLOBAL_HOLD", ""], ["RISK_STATE", ""], ["NO_LIMIT", "noLimit"], ["010", "step.010"], ["020", "step.020"], ["030", "step.030"], ["100", "step.100"], ["110", "step.110"], ["OV", "step.OV"], ["120", "step.120"],
  ["R1", "rule.1"], ["R2", "rule.2"], ["R3", "rule.3"], ["R4", "rule.4"], ["R5", "rule.5"], ["R6", "rule.6"], ["R7", "rule.7"], ["R8", "rule.8"], ["R9", "rule.9"],
];

export function Policy() {
  const { words, lang, zone, may, boardWords } = useShared();
  const policy = useGet<PolicyInForce>("/policy");
  const rates = useGet<Rates>("/rates");
  const proposals = useGet<Proposals>("/proposals");
  const drafts = (proposals.data?.proposals ?? []).filter((p) => p.kind === "Policy" || p.kind === "Rate");
  const told = new Map((policy.data?.parameters ?? []).map((p) => [p.name, p.value]));
  return (
    <>
      <div className="head">
        <h1>{words.policy.title}</h1>
        {policy.data && <span className="muted" data-testid="policy-version">{policy.data.policyId} · {words.policy.version(policy.data.version ?? 0)}</span>}
      </div>
      {policy.problem && <Failed problem={policy.problem} />}
      {boardWords && <p className="muted">{words.policy.bands}: {words.policy.bandsText(share(boardWords.watchBp, lang), share(boardWords.criticalBp, lang), share(boardWords.breachBp, lang))}</p>}
      <div className="columns">
        <section className="card">
          <h2>{words.policy.order}</h2>
          <ol className="checks">
            {order.map(([rule, parameter]) => (
              <li key={rule}>
                <code>{rule}</code> {(words.rules as Record<string, string>)[rule]}
                {parameter && told.has(parameter) && <strong> · {words.policy.reaction[Number(told.get(parameter))] ?? told.get(parameter)}</strong>}
              </li>
            ))}
          </ol>
        </section>
        <section className="card">
          <h2>{words.policy.caption}</h2>
          {policy.data && policy.data.parameters.length === 0 ? <p className="muted">{words.policy.none}</p> : (
            <table className="grid">
              <caption className="hidden">{words.policy.caption}</caption>
              <tbody>
                {policy.data?.parameters.map((p) => <tr key={p.name}><th scope="row"><code>{p.name}</code></th><td className="num fig">{String(p.value)}</td></tr>)}
              </tbody>
            </table>
          )}
          <h2>{words.policy.rates}</h2>
          {rates.data && <p className="muted">{words.policy.base(rates.data.baseCurrency ?? "")}</p>}
          {rates.data && rates.data.rates.length > 0 && (
            <table className="grid">
              <caption className="hidden">{words.policy.rates}</caption>
              <tbody>{rates.data.rates.map((r) => <tr key={r.from}><th scope="row">{r.from}</th><td className="num fig">{r.rate}</td><td>{moment(r.asOf, lang, zone)}</td></tr>)}</tbody>
            </table>
          )}
        </section>
      </div>
      {policy.data && <Draft version={policy.data.version ?? 0} id={policy.data.policyId ?? "default"} allowed={may("PolicyOwner")} parameters={policy.data.parameters.map((p) => `${p.name} = ${String(p.value)}`).join("\n")} done={proposals.reload} />}
      {drafts.length > 0 && (
        <>
          <h2>{words.policy.drafts}</h2>
          <ProposalTable rows={drafts} caption={words.policy.drafts} reload={() => { proposals.reload(); policy.reload(); rates.reload(); }} deciders={() => ["PolicyApprover"]} />
        </>
      )}
    </>
  );
}

function Draft({ version, id, allowed, parameters, done }: { version: number; id: string; allowed: boolean; parameters: string; done: () => void }) {
  const { words } = useShared();
  const [text, setText] = useState(parameters);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState(false);
  const key = useRef(newKey());
  const submit = async () => {
    setProblem(null);
    const list = text.split("\n").map((l) => l.trim()).filter(Boolean).map((line) => {
      const [name, value] = line.split("=").map((p) => p.trim());
      return { name, value: value ?? "" };
    });
    try {
      await post("/policies/drafts", { policyId: id, version: version + 1, parameters: list }, key.current);
      setTold(true);
      key.current = newKey();
      done();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
      key.current = newKey();
    }
  };
  return (
    <form className="act card" onSubmit={(event) => { event.preventDefault(); if (allowed) void submit(); }}>
      <h2>{words.policy.draft}</h2>
      <Field label={words.policy.parameter} hint={words.policy.draftText}>{(a) => <textarea {...a} rows={6} className="mono" value={text} onChange={(event) => setText(event.target.value)} readOnly={!allowed} data-testid="draft" />}</Field>
      {told && <p className="done" role="status">{words.policy.proposed}</p>}
      {problem && <Failed problem={problem} />}
      <DecisionButton testid="propose-policy" submit why={allowed ? null : words.holds.roleMissing(words.roles.PolicyOwner)}>{words.policy.propose}</DecisionButton>
    </form>
  );
}
