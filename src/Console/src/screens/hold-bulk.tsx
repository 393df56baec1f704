import { useRef, useState } from "react";
import { ApiError, newKey, post, type Problem } from "../api";
import type { BulkResults } from "../contract";
import { useShared } from "../context";
import { amount, sum } from "../format";
import { Amount, DecisionButton, Failed, Field } from "../parts/basics";
import { ReasonChoice, useReasons } from "../parts/reasons";
import { rulesOf, type QueueRow } from "./queue";
import { ruleText } from "./rules";

/** What became of each order. It stands by itself: orders that were released leave the queue, often before the answer is here. */
export function BulkOutcome({ results }: { results: BulkResults["results"] }) {
  return (
    <ul className="plain bulk" data-testid="bulk-results" aria-live="polite">
      {results.map((r) => <li key={`${r.customer}/${r.order}`} data-status={r.status}>{r.order}: {r.status === 200 ? "✓" : `${r.code} ${r.detail}`}</li>)}
    </ul>
  );
}

/** One word about many orders: what they are worth, what will be refused and why. */
export function Bulk({ rows, of, clear, tell }: {
  rows: QueueRow[];
  /** How many match, where all of them were asked for: one word takes the first ones only. */
  of: number;
  clear: () => void;
  tell: (results: BulkResults["results"] | null) => void;
}) {
  const { words, lang, me, may } = useShared();
  const [code, setCode] = useState("");
  const [text, setText] = useState("");
  // One day on which the money of many should come says little: a word about many has none.
  const reasons = useReasons(true);
  const codes = reasons.codes.filter((c) => !c.asksForDay);
  const [isOpen, setOpen] = useState(false);
  const seen = useRef("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useRef(newKey());
  const isConfirm = rows.every((r) => r.state === "PendingApproval");
  const total = [...new Set(rows.map((r) => r.currency))].map((c) => `${c} ${amount(sum(rows.filter((r) => r.currency === c).map((r) => r.amount)), c, lang)}`).join(" + ");
  // The figures of other orders are other figures: a list that was closed before they were chosen has not shown them.
  const ids = rows.map((r) => r.id).join();
  if (isOpen) seen.current = ids;
  const opened = seen.current === ids;
  const largest = rows.reduce((a, b) => (BigInt(a.amount) > BigInt(b.amount) ? a : b));
  const shared = rows.map(rulesOf).reduce((all, one) => all.filter((rule) => one.includes(rule)));
  const why = !may("Analyst", "Approver") ? words.holds.roleMissing(words.roles.Analyst) : isConfirm && !may("Approver") ? words.holds.roleMissing(words.roles.Approver) : !isConfirm && shared.length === 0 ? words.holds.noShared : isConfirm && !opened ? words.holds.openFigures : !isConfirm && code === "" ? words.holds.needCode : !isConfirm && text.trim().length < 10 ? words.holds.needText : null;
  const submit = async () => {
    setBusy(true);
    setProblem(null);
    tell(null);
    try {
      const items = rows.map((r) => ({ customer: r.customer, order: r.orderId, reasons: isConfirm ? rulesOf(r) : undefined }));
      const told = await post<BulkResults>("/holds/bulk", { act: isConfirm ? "approve" : "request-release", items, ...(isConfirm ? { figuresOpened: opened } : { reasonCode: code, reason: text.trim() }) }, key.current);
      tell(told.results);
      key.current = newKey();
      // The next ones are another word: nobody decides about what he has not seen.
      if (of) clear();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    } finally {
      setBusy(false);
    }
  };
  const authority = BigInt(me.authority || "0");
  // The same that the panel of one order says; the service has the last word, in every currency.
  const refused = (r: QueueRow) => (!isConfirm ? null : r.requestedBy === me.user ? words.holds.own
    : authority >= 0n && r.currency === me.baseCurrency && BigInt(r.amount) > authority ? words.holds.authority(amount(r.amount, r.currency, lang), amount(me.authority, me.baseCurrency, lang)) : null);
  const refusals = rows.filter((r) => refused(r) !== null).length;
  return (
    <section className="bulk" data-testid="bulk" aria-label={isConfirm ? words.holds.bulkConfirm : words.holds.bulk}>
      <p>
        <strong data-testid="bulk-count" data-value={rows.length}>{words.holds.bulkText(rows.length, total)}</strong> {of > rows.length && <span data-testid="bulk-first" data-value={of}>({words.holds.firstOf(String(of))})</span>} · {words.holds.largest} <Amount minor={largest.amount} currency={largest.currency} code /> {refusals > 0 && <span data-testid="bulk-refused" data-value={refusals}> · {words.holds.willRefuse(refusals)}</span>} <button type="button" className="link" onClick={clear}>{words.common.clear}</button>
      </p>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary data-testid="bulk-figures">{words.holds.openFigures}</summary>
        <table className="grid">
          <caption className="hidden">{words.holds.openFigures}</caption>
          <tbody>
            {rows.map((r) => (
              <tr key={r.id}>
                <td>{r.orderId}</td>
                <td>{r.name ?? r.customer}</td>
                <td className="num"><Amount minor={r.amount} currency={r.currency} code /></td>
                <td>{rulesOf(r).map((x) => ruleText(words, x)).join(words.common.list)}</td>
                <td>{refused(r) ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      {!isConfirm && (
        <div className="row">
          <Field label={words.holds.code}>
            {(a) => <ReasonChoice {...a} codes={codes} value={code} choose={setCode} data-testid="bulk-code" />}
          </Field>
          <Field label={words.holds.text}>{(a) => <input {...a} value={text} onChange={(event) => setText(event.target.value)} maxLength={400} data-testid="bulk-text" />}</Field>
        </div>
      )}
      {(problem ?? reasons.problem) && <Failed problem={(problem ?? reasons.problem)!} />}
      <DecisionButton testid="bulk-submit" onClick={() => void submit()} busy={busy} why={why}>{isConfirm ? words.holds.bulkConfirm : words.holds.bulk}</DecisionButton>
    </section>
  );
}
