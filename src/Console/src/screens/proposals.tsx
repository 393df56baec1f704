import { useState, type ReactNode } from "react";
import { ApiError, post, type Problem } from "../api";
import type { Proposal } from "../contract";
import { useShared } from "../context";
import { day, moment } from "../format";
import { Amount, DecisionButton, Failed, Link } from "../parts/basics";
import { Table } from "../parts/table";
import { roleWords } from "../words/en";

/** A proposal, as far as deciding about it needs. */
interface Decided {
  id: string | null;
  state: string | null;
  proposedBy: string | null;
  approvedBy: string[];
  rejectedBy: string | null;
}

/** Agrees to a proposal or turns it down, or says where it stands. */
export function Decide({ of: p, roles, reload, approved, children }: { of: Decided; roles: string[]; reload: () => void; approved?: string; children?: ReactNode }) {
  const { words, me, may } = useShared();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const decide = async (act: "approve" | "reject") => {
    setBusy(true);
    setProblem(null);
    try {
      await post(`/proposals/${p.id}/${act}`);
      reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    } finally {
      setBusy(false);
    }
  };
  const why = p.proposedBy === me.user ? words.limits.own : !may(...roles) ? words.holds.roleMissing(roleWords(words, roles)) : null;
  return (
    <>
      <span className="buttons">
        {p.state === "Open" ? (
          <>
            {children}
            <DecisionButton testid={"approve-" + p.id} why={why} busy={busy} onClick={() => void decide("approve")}>{words.limits.approve}</DecisionButton>
            {why === null && <DecisionButton testid={"reject-" + p.id} kind="quiet" why={null} onClick={() => void decide("reject")}>{words.holds.turnDown}</DecisionButton>}
          </>
        ) : (
          <>
            <span className="tag">{(p.state === "Approved" && approved) || (words.limits.proposalStates[p.state as keyof typeof words.limits.proposalStates] ?? p.state)}{[...p.approvedBy, p.rejectedBy].filter(Boolean).map((w) => " · " + w)}</span>
            {children}
          </>
        )}
      </span>
      {problem && <Failed problem={problem} />}
    </>
  );
}

/** What waits for a second person, and what was decided. */
export function ProposalTable({ rows, caption, reload, deciders, more }: { rows: Proposal[]; caption: string; reload: () => void; deciders: (kind: string) => string[]; more?: (p: Proposal) => ReactNode }) {
  const { words, lang, zone } = useShared();
  return (
    <Table
      rows={rows} caption={caption} keyOf={(p) => p.id ?? ""} testid="proposals" rowTestid="proposal-row" dataOf={(p) => ({ "data-state": p.state ?? undefined })}
      columns={[
        { head: words.common.kind, of: (p) => words.limits.kinds[(p.kind ?? "") as keyof typeof words.limits.kinds] ?? p.kind },
        { head: words.board.customer, of: (p) => p.customer && <Link to={"/customers/" + p.customer}>{p.customer}</Link> },
        { head: words.limits.asked, of: (p) => <span className="asked"><Asked proposed={p.proposed} /></span> },
        { head: words.holds.requested, of: (p) => p.proposedBy },
        { head: words.limits.at, of: (p) => <Link to={"/limits/requests/" + p.id}>{moment(p.proposedAt, lang, zone)}</Link> },
        { head: words.limits.lapses, of: (p) => day(p.lapsesAfter, lang) },
        { head: words.common.state, of: (p) => <><Decide of={p} roles={deciders(p.kind ?? "")} reload={reload}>{more?.(p)}</Decide>{p.failure && <span className="error">{p.failure}</span>}</> },
      ]}
    />
  );
}

/** The data of the event that takes effect, short enough for a row: an amount as an amount, and no ids of the machine. */
function Asked({ proposed }: { proposed: unknown }) {
  if (typeof proposed === "string") return <>{proposed}</>;
  const data = (proposed as { data?: Record<string, unknown> } | null)?.data ?? (proposed as Record<string, unknown> | null) ?? {};
  const { amount, currency, ...rest } = data;
  const isAmount = (typeof amount === "string" || typeof amount === "number") && typeof currency === "string";
  const text = Object.entries(isAmount ? rest : data).filter(([k, v]) => v !== null && v !== "" && k !== "temporaryId").map(([k, v]) => `${k}: ${typeof v === "object" ? JSON.stringify(v) : String(v)}`).join(", ");
  return <>{isAmount && <strong><Amount minor={String(amount)} currency={currency} code /> </strong>}{text.length > 160 ? text.slice(0, 160) + " …" : text}</>;
}
