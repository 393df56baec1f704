import { useRef, useState } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { Policy as PolicyInForce, PolicyParameters, Proposal, Proposals, Rates } from "../contract";
import { useShared } from "../context";
import { moment, share } from "../format";
import { DecisionButton, Failed, Field, Link, useGet } from "../parts/basics";
import { Table } from "../parts/table";
import { Trial, type Parameter } from "./policy-trial";
import { ProposalTable } from "./proposals";
import { Scorecards } from "./scorecards";

/** The order in which the machine asks; an exclusion stands at the step that it switches off. */
const order: [string, string][] = [
  ["FORCED", ""], ["GLOBAL_HOLD", ""], ["RISK_STATE", ""], ["CUSTOMER_CLOSED", ""], ["GROUP_HEADROOM_PENDING", ""], ["NO_LIMIT", "noLimit"], ["LIMIT_EXPIRED", ""], ["FX_MISSING", ""], ["FX_STALE", ""], ["020", "step.020"], ["010", "step.010"], ["030", "step.030"], ["GROUP_LIMIT", ""],
  ["110", "step.110"], ["OV", "step.OV"], ["100", "step.100"], ["120", "step.120"], ["PLAN_BROKEN", "plan.broken"], ["R1", "rule.1"], ["R4", "rule.4"], ["R2", "rule.2"], ["R3", "rule.3"], ["R5", "rule.5"], ["R6", "rule.6"], ["R7", "rule.7"], ["R8", "rule.8"], ["R9", "rule.9"],
];

/** What a proposal of a policy says. */
interface Told {
  version: number;
  effectiveAt?: string;
  parameters: Parameter[];
}

const toldOf = (p: Proposal): Told => {
  const data = ((p.proposed as { data?: Partial<Told> } | null)?.data ?? {}) as Partial<Told>;
  return { version: data.version ?? 0, effectiveAt: data.effectiveAt, parameters: data.parameters ?? [] };
};

export function Policy({ version }: { version?: string }) {
  const { words, lang, zone, may, boardWords } = useShared();
  const policy = useGet<PolicyInForce>("/policy");
  const rates = useGet<Rates>("/rates");
  const proposals = useGet<Proposals>("/proposals");
  const all = (proposals.data?.proposals ?? []).filter((p) => p.kind === "Policy" || p.kind === "Rate");
  const told = new Map((policy.data?.parameters ?? []).map((p) => [p.name, p.value]));
  const opened = version ? all.find((p) => p.kind === "Policy" && (p.id === version || String(toldOf(p).version) === version)) : undefined;
  const tries = may("PolicyOwner", "PolicyApprover");
  const why = tries ? null : words.holds.roleMissing(words.roles.PolicyOwner);
  const reload = () => { proposals.reload(); policy.reload(); rates.reload(); };
  const inForce = (policy.data?.parameters ?? []) as Parameter[];
  return (
    <>
      <div className="head">
        <h1>{words.nav.policy}</h1>
        {policy.data && <span className="muted" data-testid="policy-version" data-value={policy.data.version}>{policy.data.policyId} · {words.policy.version(policy.data.version ?? 0)}</span>}
      </div>
      {policy.problem && <Failed problem={policy.problem} />}
      {policy.data?.waiting.map((w) => <p key={w.version} className="notice" data-testid="policy-waiting">{words.policy.waiting(w.version ?? 0, moment(w.effectiveAt, lang, zone))}</p>)}
      {boardWords && <p className="muted">{words.common.pair(words.policy.bands, words.policy.bandsText(share(boardWords.watchBp, lang), share(boardWords.criticalBp, lang), share(boardWords.breachBp, lang)))}</p>}
      {opened && (
        <section className="card" data-testid="policy-draft" data-id={opened.id}>
          <div className="panel-head"><h2>{words.policy.compared(toldOf(opened).version)}</h2><Link to="/policy" className="button quiet">{words.common.close}</Link></div>
          {toldOf(opened).effectiveAt && <p>{words.policy.starts(moment(toldOf(opened).effectiveAt, lang, zone))}</p>}
          <Compared before={inForce} after={toldOf(opened).parameters} />
          <Trial key={opened.id} parameters={() => toldOf(opened).parameters} allowed={tries} why={why} />
        </section>
      )}
      {all.length > 0 && (
        <>
          <h2>{words.policy.drafts}</h2>
          <ProposalTable rows={all} caption={words.policy.drafts} reload={reload} deciders={() => ["PolicyApprover"]} more={(p) => p.kind === "Policy" && <Link to={"/policy/" + p.id} className="button quiet" testid={"look-" + p.id}>{words.policy.look}</Link>} />
        </>
      )}
      {policy.data && <Draft key={policy.data.version} version={Math.max(policy.data.version ?? 0, ...policy.data.waiting.map((w) => w.version ?? 0))} id={policy.data.policyId ?? "default"} allowed={may("PolicyOwner")} inForce={inForce} tries={tries} why={why} earlier={all.filter((p) => p.kind === "Policy" && p.state === "Approved")} done={reload} />}
      <Scorecards />
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
          {policy.data && inForce.length === 0 ? <p className="muted">{words.policy.none}</p> : (
            <Table rows={inForce} caption={words.policy.caption} keyOf={(p) => p.name} columns={[{ head: words.policy.parameter, of: (p) => <code>{p.name}</code> }, { head: words.common.value, figure: true, of: (p) => p.value }]} />
          )}
          <h2>{words.policy.rates}</h2>
          {rates.data && <p className="muted">{words.policy.base(rates.data.baseCurrency ?? "")}</p>}
          {rates.data && rates.data.rates.length > 0 && (
            <Table rows={rates.data.rates} caption={words.policy.rates} keyOf={(r) => r.from ?? ""} columns={[{ head: words.common.currency, of: (r) => r.from }, { head: words.policy.rate, figure: true, of: (r) => r.rate }, { head: words.policy.since, of: (r) => moment(r.asOf, lang, zone) }]} />
          )}
        </section>
      </div>
    </>
  );
}

/** Field by field: what a draft changes, adds and leaves to the default. */
function Compared({ before, after }: { before: Parameter[]; after: Parameter[] }) {
  const { words } = useShared();
  const [was, is] = [new Map(before.map((p) => [p.name, p.value])), new Map(after.map((p) => [p.name, p.value]))];
  const names = [...new Set([...was.keys(), ...is.keys()])].filter((n) => was.get(n) !== is.get(n)).sort();
  if (names.length === 0) return <p className="muted">{words.policy.same}</p>;
  return <Table rows={names} caption={words.policy.differs} keyOf={(n) => n} testid="compared" columns={[{ head: words.policy.parameter, of: (n) => <code>{n}</code> }, { head: words.policy.before, figure: true, of: (n) => was.get(n) ?? words.policy.byDefault }, { head: words.policy.after, figure: true, of: (n) => is.get(n) ?? words.policy.byDefault }]} />;
}

/** Finds a parameter by its name, says what it means, and puts it into the draft. */
function Find({ inForce, add }: { inForce: Parameter[]; add: (line: string) => void }) {
  const { words } = useShared();
  const known = useGet<PolicyParameters>("/policy/parameters");
  const [name, setName] = useState("");
  const found = known.data?.parameters.find((p) => p.name === name);
  const now = inForce.find((p) => p.name === name)?.value;
  return (
    <>
      <Field label={words.policy.find}>
        {(a) => (
          <>
            <input {...a} value={name} onChange={(event) => setName(event.target.value.trim())} list={a.id + "l"} placeholder="graceDays" data-testid="find-parameter" />
            <datalist id={a.id + "l"}>{known.data?.parameters.map((p) => <option key={p.name} value={p.name ?? ""} />)}</datalist>
          </>
        )}
      </Field>
      {found && (
        <p data-testid="found-parameter">
          <span lang="en">{found.meaning}</span> <span className="muted">{words.policy.bounds(found.default ?? "", found.least ?? "", found.most ?? "")}{now !== undefined && ` · ${words.policy.before} ${now}`}</span>{" "}
          <button type="button" className="quiet" onClick={() => add(`${name} = ${now ?? found.default}`)} data-testid="add-parameter">{words.policy.add}</button>
        </p>
      )}
    </>
  );
}

const textOf = (parameters: Parameter[]) => parameters.map((p) => `${p.name} = ${p.value}`).join("\n");

function Draft({ version, id, allowed, inForce, tries, why, earlier, done }: { version: number; id: string; allowed: boolean; inForce: Parameter[]; tries: boolean; why: string | null; earlier: Proposal[]; done: () => void }) {
  const { words, zone } = useShared();
  const [text, setText] = useState(textOf(inForce));
  const [start, setStart] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState(false);
  const key = useRef(newKey());
  const list = () => text.split("\n").map((l) => l.trim()).filter(Boolean).map((line) => {
    const at = line.indexOf("=");
    return { name: (at < 0 ? line : line.slice(0, at)).trim(), value: at < 0 ? "" : line.slice(at + 1).trim() };
  });
  const submit = async () => {
    setProblem(null);
    try {
      await post("/policies/drafts", { policyId: id, version: version + 1, parameters: list(), ...(start ? { effectiveAt: new Date(start).toISOString() } : {}) }, key.current);
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
      {(allowed || tries) && <Find inForce={inForce} add={(line) => setText((was) => [...was.split("\n").filter((l) => l.trim() && l.split("=")[0]!.trim() !== line.split("=")[0]!.trim()), line].join("\n"))} />}
      <Field label={words.policy.parameter} hint={words.policy.draftText}>{(a) => <textarea {...a} rows={6} className="mono" value={text} onChange={(event) => setText(event.target.value)} readOnly={!allowed && !tries} data-testid="draft" />}</Field>
      {earlier.length > 0 && (
        <p className="row">
          <span className="muted">{words.policy.goBack}</span>
          {earlier.slice(0, 5).map((p) => <button key={p.id} type="button" className="chip" onClick={() => setText(textOf(toldOf(p).parameters))}>{words.policy.versionOf(toldOf(p).version)}</button>)}
        </p>
      )}
      <Field label={words.policy.startsAt} hint={words.policy.startsHint(zone)}>{(a) => <input {...a} type="datetime-local" value={start} onChange={(event) => setStart(event.target.value)} readOnly={!allowed} data-testid="policy-start" />}</Field>
      {text !== textOf(inForce) && <Compared before={inForce} after={list()} />}
      <Trial parameters={list} allowed={tries} why={why} />
      {told && <p className="done" role="status">{words.policy.proposed}</p>}
      {problem && <Failed problem={problem} />}
      <DecisionButton testid="propose-policy" submit why={allowed ? null : words.holds.roleMissing(words.roles.PolicyOwner)}>{words.policy.propose}</DecisionButton>
    </form>
  );
}
