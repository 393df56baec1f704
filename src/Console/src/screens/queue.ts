import { useMemo } from "react";
import type { Hold } from "../contract";
import { useShared } from "../context";
import { useView } from "../live/hooks";
import type { BandName } from "../parts/basics";

/** A held order with the customer's figures then and now. */
type Told<T> = { [K in keyof T]: NonNullable<T[K]> extends (infer Item)[] ? { [F in keyof Item]: NonNullable<Item[F]> }[] : NonNullable<T[K]> };

export interface QueueRow extends Told<Hold> {
  id: string;
  name?: string;
  segment: string;
  band: BandName;
  shipOn?: string;
  now: { currency: string; gross: string; limit: string | null; available: string | null; overdue: string; oldestDays: number };
  then: { currency: string; gross: string; limit: string | null; afterThis: string } | null;
  takenBy?: string;
  assignedTo?: string;
}

export const queueView = "holds:top%3D200";

/** The rules that hold an order now. */
export const rulesOf = (row: QueueRow) => row.reasons.filter((r) => r.stillValid).map((r) => r.rule);

/** The hold queue in its parts, from the one view that all places share. */
export function useQueue() {
  const { me, may } = useShared();
  const view = useView<QueueRow>(may("Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Auditor") ? queueView : null);
  return useMemo(() => {
    const all = view ? view.order.map((id) => view.rows.get(id)).filter((row): row is QueueRow => row !== undefined) : [];
    const decide = all.filter((row) => row.state !== "PendingApproval");
    const whole = view?.whole as { total: number; decide: number } | undefined;
    return {
      view, all, whole, decide,
      /** How many wait for a proposal, which may be more than are loaded. */
      waiting: Math.max(decide.length, whole?.decide ?? 0),
      confirm: all.filter((row) => row.state === "PendingApproval" && row.requestedBy !== me.user),
    };
  }, [view, me.user]);
}
