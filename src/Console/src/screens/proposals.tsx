import { useState, type ReactNode } from "react";
import { ApiError, post, type Problem } from "../api";
import type { Proposal } from "../contract";
import { useShared } from "../context";
import { day, moment } from "../format";
import { DecisionButton, Failed, Link } from "../parts/basics";
import { Table } from "../parts/table";

/** What waits for a second person, and what was decided. */
export function ProposalTable({ rows, caption, reload, deciders, more }: { rows: Proposal[]; caption: string; reload: () => void; deciders: (kind: string) => string[]; more?: (p: Proposal) => ReactNode }) {
  const { words, lang, zone, me, may } = useShared();
  const [problem, setProblem] = useState<{ id: string; told: Problem } | null>(null);
  const [busy, setBusy] = useState("");
  const decide = async (id: string, act: "approve" | "reject") => {
    setBusy(id);
    setProblem(null);
    try {
      await post(`/proposals/${id}/${act}`);
      reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem({ id, told: error.problem });
    } finally {
      setBusy("");
    }
  };
  const acts = (p: Proposal) => {
    const roles = deciders(p.kind ?? "");
    const why = !may(...roles) ? words.holds.roleMissing(roles.map((r) => words.roles[r as keyof typeof words.roles]).join(", ")) : p.proposedBy === me.user ? words.limits.own : null;
    return (
      <>
        {p.state === "Open" ? (
          <span className="buttons">
            {more?.(p)}
            <DecisionButton testid={"approve-" + p.id} why={why} busy={busy === p.id} onClick={() => void decide(p.id!, "approve")}>{words.limits.approve}</DecisionButton>
            {why === null && <DecisionButton testid={"reject-" + p.id} kind="quiet" why={null} onClick={() => void decide(p.id!, "reject")}>{words.limits.reject}</DecisionButton>}
          </span>
        ) : (
          <span className="buttons">
            <span className="tag">{words.limits.proposalStates[p.state as keyof typeof words.limits.proposalStates] ?? p.state}{p.approvedBy.length > 0 ? ` · ${p.approvedBy.join(", ")}` : ""}{p.rejectedBy ? ` · ${p.rejectedBy}` : ""}</span>
            {more?.(p)}
          </span>
        )}
        {p.failure && <span className="error">{p.failure}</span>}
        {problem?.id === p.id && <Failed problem={problem!.told} />}
      </>
    );
  };
  return (
    <Table
      rows={rows} caption={caption} keyOf={(p) => p.id ?? ""} testid="proposals" rowTestid="proposal-row" dataOf={(p) => ({ "data-state": p.state ?? undefined })}
      columns={[
        { head: words.limits.kind, of: (p) => words.limits.kinds[(p.kind ?? "") as keyof typeof words.limits.kinds] ?? p.kind },
        { head: words.limits.customer, of: (p) => p.customer && <Link to={"/customers/" + p.customer}>{p.customer}</Link> },
        { head: words.limits.asked, of: (p) => <span className="asked">{saying(p.proposed)}</span> },
        { head: words.limits.by, of: (p) => p.proposedBy },
        { head: words.limits.at, of: (p) => moment(p.proposedAt, lang, zone) },
        { head: words.limits.lapses, of: (p) => day(p.lapsesAfter, lang) },
        { head: words.common.state, of: acts },
      ]}
    />
  );
}

/** The data of the event that takes effect, short enough for a row. */
function saying(proposed: unknown): string {
  if (typeof proposed === "string") return proposed;
  const data = (proposed as { data?: Record<string, unknown> } | null)?.data ?? (proposed as Record<string, unknown> | null) ?? {};
  const text = Object.entries(data).filter(([, v]) => v !== null && v !== "").map(([k, v]) => `${k}: ${typeof v === "object" ? JSON.stringify(v) : String(v)}`).join(", ");
  return text.length > 160 ? text.slice(0, 160) + " …" : text;
}
