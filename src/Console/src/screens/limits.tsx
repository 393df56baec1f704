import { useState } from "react";
import { ApiError, post, type Problem } from "../api";
import type { Approvals, Customer, LimitEffect, Portfolio, Proposal, Proposals, Records } from "../contract";
import { useShared } from "../context";
import { amount, moment, share } from "../format";
import { Amount, DecisionButton, Export, Failed, Link, Missing, useGet } from "../parts/basics";
import { Table } from "../parts/table";
import { usePlace, choose } from "../url";
import { roleWords } from "../words/en";
import { Endings } from "./endings";
import { GapLink, gaps, LimitGaps, type Gap } from "./limit-gaps";
import { Frees } from "./limit-request";
import { ProposalTable } from "./proposals";

interface Change {
  at: string;
  customer: string;
  step: string;
  requestId?: string;
  before?: string;
  after?: string;
  currency?: string;
  actor?: string;
  approvedBy?: string[];
  reason?: string;
}

export function Limits() {
  const { words, may } = useShared();
  const { query } = usePlace();
  const reads = may("Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Auditor");
  const told = query.get("tab");
  const gap = reads && told !== null && told in gaps ? (told as Gap) : null;
  const tab = told === "decided" ? told : told === "ending" && reads ? told : (gap ?? "waiting");
  const proposals = useGet<Proposals>("/proposals");
  const changes = useGet<Records>(reads ? "/limit-changes?limit=200" : null);
  const changed = (changes.data?.rows ?? []) as unknown as Change[];
  const asked = openOf(changed);
  const open = (proposals.data?.proposals ?? []).filter((p) => (tab === "waiting" ? p.state === "Open" : p.state !== "Open"));
  const reload = () => {
    proposals.reload();
    changes.reload();
  };
  const { approvals, deciders } = useDeciders();
  const none = useGet<Portfolio>(reads ? "/board?band=none&sort=gross&size=1" : null);
  return (
    <>
      <h1>{words.nav.limits}</h1>
      {reads && (
        <p className="row">
          <span className="muted">{words.limits.views}</span>
          <Link to="/board" query={{ band: "over,breach", sort: "-over" }} className="chip">{words.board.overTile}</Link>
          <Link to="/board" query={{ band: "none", sort: "-exp" }} className="chip">{words.limits.noLimit} {none.data ? `(${none.data.total})` : ""}</Link>
          <GapLink of="unreviewed" />
          <GapLink of="underinsured" />
        </p>
      )}
      <div className="tabs" role="tablist" aria-label={words.nav.limits}>
        {(["waiting", "decided"] as const).map((t) => <button key={t} type="button" role="tab" aria-selected={tab === t} onClick={() => choose({ tab: t === "waiting" ? null : t, days: null, kind: null })}>{words.limits[t]}</button>)}
        {reads && <button type="button" role="tab" aria-selected={tab === "ending"} onClick={() => choose({ tab: "ending" })} data-testid="tab-ending">{words.endings.tab}</button>}
      </div>
      {tab === "ending" && <Endings />}
      {gap && <LimitGaps of={gap} />}
      {proposals.problem && <Failed problem={proposals.problem} />}
      {tab === "waiting" && asked.length > 0 && <Requests rows={asked} reload={reload} />}
      {tab === "ending" || gap ? null : open.length > 0 ? <ProposalTable rows={open} caption={words.limits.caption} reload={reload} deciders={deciders} more={effectOf} /> : asked.length === 0 && tab === "waiting" && proposals.data && <p className="empty" data-testid="empty">{words.limits.empty}</p>}
      {tab === "waiting" && approvals && <Matrix of={approvals} />}
      {reads && tab !== "ending" && !gap && <Changes rows={changed.filter((c) => c.step !== "limit.requested" && !c.step.startsWith("credit.effective-limit")).slice(0, 50)} />}
    </>
  );
}

/** Requests that nobody has decided yet. */
const openOf = (changes: Change[]) => changes.filter((c) => c.step === "limit.requested" && !changes.some((d) => d.requestId === c.requestId && d.step !== "limit.requested"));

function useDeciders() {
  const approvals = useGet<Approvals>("/approvals").data;
  // Until it is known who decides nobody is offered to.
  return { approvals, deciders: (kind: string) => approvals?.kinds.find((k) => k.kind === kind)?.roles ?? [] };
}

/** What a proposal of an amount would mean, for whoever decides about it. */
function effectOf(p: Proposal) {
  const { amount: after, currency } = ((p.proposed as { data?: Record<string, unknown> } | null)?.data ?? {}) as { amount?: unknown; currency?: unknown };
  return p.state === "Open" && (p.kind === "Limit" || p.kind === "TemporaryLimit") && p.customer ? <Effect of={{ customer: p.customer, after: String(after), currency: String(currency) }} /> : null;
}

/** One request or proposal at an address of its own, as a message or a colleague links to it: what is asked, what it would mean, who decides, and what became of it. */
export function OneRequest({ id }: { id: string }) {
  const { words, may } = useShared();
  const isOfAccount = id.startsWith("lr-");
  const steps = useGet<Records>(isOfAccount && may("Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Auditor") ? "/limit-changes?subject=" + encodeURIComponent(id) : null);
  const proposal = useGet<Proposal>(isOfAccount ? null : "/proposals/" + encodeURIComponent(id));
  const { deciders } = useDeciders();
  const rows = (steps.data?.rows ?? []) as unknown as Change[];
  if (proposal.problem?.status === 404 || (steps.data && rows.length === 0)) return <Missing />;
  return (
    <>
      <p><Link to="/limits">← {words.nav.limits}</Link></p>
      <h1>{proposal.data ? words.limits.kinds[proposal.data.kind as keyof typeof words.limits.kinds] : words.customer.setLimit} <span className="muted">{rows[0]?.customer ?? proposal.data?.customer}</span></h1>
      {(proposal.problem ?? steps.problem) && <Failed problem={(proposal.problem ?? steps.problem)!} />}
      {proposal.data && <ProposalTable rows={[proposal.data]} caption={words.limits.caption} reload={proposal.reload} deciders={deciders} more={effectOf} />}
      {openOf(rows).length > 0 && <Requests rows={openOf(rows)} reload={steps.reload} />}
      <Changes rows={rows.filter((c) => c.step !== "limit.requested" || rows.length > 1)} of={id} />
    </>
  );
}

/** Who decides about what, and what one person may do alone. */
function Matrix({ of: told }: { of: Approvals }) {
  const { words, lang, me } = useShared();
  const sum = (minor: string | null) => `${told.currency} ${amount(minor ?? "0", told.currency ?? "", lang)}`;
  const none = (minor: string | null) => (minor ?? "-1").startsWith("-");
  return (
    <details data-testid="matrix">
      <summary>{words.matrix.title}</summary>
      <ul>
        <li>{told.directLimit ? words.matrix.direct(String(told.limitRaiseFactor ?? 1), none(told.limitCap) ? "" : sum(told.limitCap)) : words.matrix.two}</li>
        {!none(told.twoApproversAbove) && <li>{words.matrix.twoAbove(sum(told.twoApproversAbove))}</li>}
        <li>{words.matrix.own} <strong>{none(me.authority) ? words.board.unlimited : sum(me.authority)}</strong></li>
      </ul>
      <Table rows={told.kinds} caption={words.matrix.title} keyOf={(k) => k.kind ?? ""} rowTestid="deciders" columns={[{ head: words.common.kind, of: (k) => words.limits.kinds[k.kind as keyof typeof words.limits.kinds] ?? k.kind }, { head: words.matrix.by, of: (k) => roleWords(words, k.roles) }]} />
    </details>
  );
}

/** Limits that analysts asked for; the account itself keeps them. */
function Requests({ rows, reload }: { rows: Change[]; reload: () => void }) {
  const { words, lang, zone, me, may } = useShared();
  const [problem, setProblem] = useState<{ id: string; told: Problem } | null>(null);
  const decide = async (c: Change, approve: boolean) => {
    setProblem(null);
    try {
      await post(`/customers/${c.customer}/limit-decisions`, { requestId: c.requestId, approve });
      reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem({ id: c.requestId ?? "", told: error.problem });
    }
  };
  const acts = (c: Change) => {
    const why = !may("Approver") ? words.holds.roleMissing(words.roles.Approver) : c.actor === me.user ? words.limits.own : null;
    return (
      <>
        <span className="buttons">
          <DecisionButton testid={"approve-" + c.requestId} why={why} onClick={() => void decide(c, true)}>{words.limits.approve}</DecisionButton>
          {why === null && <DecisionButton testid={"reject-" + c.requestId} kind="quiet" why={null} onClick={() => void decide(c, false)}>{words.holds.turnDown}</DecisionButton>}
        </span>
        {problem?.id === c.requestId && <Failed problem={problem!.told} />}
      </>
    );
  };
  return (
    <Table
      rows={rows} caption={words.customer.setLimit} keyOf={(c) => c.requestId ?? ""} testid="limit-requests" rowTestid="limit-request"
      columns={[
        { head: words.board.customer, of: (c) => <Link to={"/customers/" + c.customer}>{c.customer}</Link> },
        { head: words.limits.before, figure: true, of: (c) => <Amount minor={c.before} currency={c.currency ?? ""} /> },
        { head: words.limits.after, figure: true, of: (c) => <Amount minor={c.after} currency={c.currency ?? ""} code /> },
        { head: words.limits.effect, of: (c) => <Effect of={c} /> },
        { head: words.holds.requested, of: (c) => c.actor },
        { head: words.common.reason, of: (c) => c.reason },
        { head: words.limits.at, of: (c) => <Link to={"/limits/requests/" + c.requestId} testid="request-link">{moment(c.at, lang, zone)}</Link> },
        { head: words.common.actions, of: acts },
      ]}
    />
  );
}

/** What a limit would mean: utilisation under the one in force and under the one that is asked for, and the orders that it would free. */
function Effect({ of: c }: { of: { customer: string; after?: string; currency?: string } }) {
  const { lang } = useShared();
  const row = useGet<Customer>("/customers/" + c.customer).data;
  const effect = useGet<LimitEffect>(c.after && c.after !== "0" && row?.currency === c.currency ? `/customers/${c.customer}/limit/effect?amount=${c.after}` : null).data;
  if (!row || !effect) return <span className="muted">–</span>;
  return <><span className="fig" data-testid="effect">{share(row.utilisationBp ?? undefined, lang)} → {share(effect.utilisationBp ?? undefined, lang)}</span> <Frees of={effect} customer={c.customer} /></>;
}

function Changes({ rows, of }: { rows: Change[]; of?: string }) {
  const { words, lang, zone } = useShared();
  if (rows.length === 0) return null;
  return (
    <>
      <div className="head"><h2>{words.limits.changes}</h2><div className="head-actions"><Export of="limit-changes" query={{ subject: of }} /></div></div>
      <Table
        rows={rows} caption={words.limits.changes} keyOf={(_, i) => String(i)} testid="limit-changes"
        columns={[
          { head: words.limits.at, of: (c) => moment(c.at, lang, zone) },
          { head: words.board.customer, of: (c) => <Link to={"/customers/" + c.customer}>{c.customer}</Link> },
          { head: words.limits.before, figure: true, of: (c) => <Amount minor={c.before} currency={c.currency ?? ""} /> },
          { head: words.limits.after, figure: true, of: (c) => <Amount minor={c.after} currency={c.currency ?? ""} code /> },
          { head: words.audit.person, of: (c) => [c.actor, ...(c.approvedBy ?? [])].filter(Boolean).join(" → ") || "–" },
          { head: words.common.reason, of: (c) => c.reason },
        ]}
      />
    </>
  );
}
