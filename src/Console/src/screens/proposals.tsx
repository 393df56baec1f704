import { useState } from "react";
import { ApiError, post, type Problem } from "../api";
import type { Proposal } from "../contract";
import { useShared } from "../context";
import { day, moment } from "../format";
import { DecisionButton, Failed, Link } from "../parts/basics";

/** What waits for a second person, and what was decided. */
export function ProposalTable({ rows, caption, reload, deciders }: { rows: Proposal[]; caption: string; reload: () => void; deciders: (kind: string) => string[] }) {
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
  return (
    <div className="scroll">
      <table className="grid" data-testid="proposals">
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{words.limits.kind}</th>
            <th scope="col">{words.limits.customer}</th>
            <th scope="col">{words.limits.asked}</th>
            <th scope="col">{words.limits.by}</th>
            <th scope="col">{words.limits.at}</th>
            <th scope="col">{words.limits.lapses}</th>
            <th scope="col">{words.common.state}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((p) => {
            const kind = p.kind ?? "";
            const why = !may(...deciders(kind)) ? words.holds.roleMissing(deciders(kind).map((r) => words.roles[r as keyof typeof words.roles]).join(", ")) : p.proposedBy === me.user ? words.limits.own : null;
            return (
              <tr key={p.id} data-id={p.id} data-testid="proposal-row">
                <td>{words.limits.kinds[kind as keyof typeof words.limits.kinds] ?? kind}</td>
                <td>{p.customer && <Link to={"/customers/" + p.customer}>{p.customer}</Link>}</td>
                <td className="asked">{saying(p.proposed)}</td>
                <td>{p.proposedBy}</td>
                <td>{moment(p.proposedAt, lang, zone)}</td>
                <td>{day(p.lapsesAfter, lang)}</td>
                <td>
                  {p.state === "Open" ? (
                    <span className="buttons">
                      <DecisionButton testid={"approve-" + p.id} why={why} busy={busy === p.id} onClick={() => void decide(p.id!, "approve")}>{words.limits.approve}</DecisionButton>
                      {why === null && <DecisionButton testid={"reject-" + p.id} kind="quiet" why={null} onClick={() => void decide(p.id!, "reject")}>{words.limits.reject}</DecisionButton>}
                    </span>
                  ) : (
                    <span className="tag">{words.limits.proposalStates[p.state as keyof typeof words.limits.proposalStates] ?? p.state}{p.approvedBy.length > 0 ? ` · ${p.approvedBy.join(", ")}` : ""}{p.rejectedBy ? ` · ${p.rejectedBy}` : ""}</span>
                  )}
                  {p.failure && <span className="error">{p.failure}</span>}
                  {problem?.id === p.id && <Failed problem={problem!.told} />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The data of the event that takes effect, short enough for a row. */
function saying(proposed: unknown): string {
  if (typeof proposed === "string") return proposed;
  const data = (proposed as { data?: Record<string, unknown> } | null)?.data ?? (proposed as Record<string, unknown> | null) ?? {};
  const text = Object.entries(data).filter(([, v]) => v !== null && v !== "").map(([k, v]) => `${k}: ${typeof v === "object" ? JSON.stringify(v) : String(v)}`).join(", ");
  return text.length > 160 ? text.slice(0, 160) + " …" : text;
}
