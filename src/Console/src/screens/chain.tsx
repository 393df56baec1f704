import type { Chain as Told } from "../contract";
import { useShared } from "../context";
import { count, moment } from "../format";
import { Failed, useFollow } from "../parts/basics";
import { Table } from "../parts/table";

/** Whether the record is whole: where the chain of hashes ends, how far it was checked, and what an anchor outside holds. */
export function Chain() {
  const { words, lang, zone } = useShared();
  const { data, problem } = useFollow<Told>("/audit/chain", 30_000);
  if (problem) return <Failed problem={problem} />;
  if (!data) return null;
  const parts = data.partitions.map((p) => ({ id: p.partition ?? 0, head: p.head ?? 0, from: p.provedFrom ?? 0, upTo: p.provedUpTo ?? 0, hash: p.headHash ?? "" }));
  const proved = parts.reduce((sum, p) => sum + p.upTo, 0);
  const behind = parts.reduce((sum, p) => sum + p.head - p.upTo, 0);
  const anchors = data.anchors as Told["anchors"] | null;
  return (
    <details className="card" data-testid="chain" data-value={proved} data-behind={behind} data-broken={data.violation ? "1" : undefined}>
      <summary>
        <strong>{words.chain.title}</strong> {data.violation ? <span className="failed">{words.chain.broken}</span> : words.chain.whole(count(proved, lang))} {behind > 0 && <span className="muted">{words.chain.behind(count(behind, lang))}</span>}
      </summary>
      {data.violation && <p className="failed" role="alert" lang="en">{data.violation}</p>}
      <dl className="facts small">
        <div className="fact"><dt>{words.chain.at}</dt><dd>{moment(data.provedAt, lang, zone)}</dd></div>
        <div className="fact"><dt>{words.chain.anchor}</dt><dd data-testid="anchor">{anchors ? `${words.chain.anchorText(count(anchors.number ?? 0, lang), anchors.places ?? 0)} · ${moment(anchors.at, lang, zone)}` : words.chain.noAnchor}</dd></div>
        {anchors?.problem && <div className="fact"><dt>{words.chain.problem}</dt><dd lang="en">{anchors.problem}</dd></div>}
      </dl>
      <p className="muted">{words.chain.from} {data.prunedBase ? words.chain.pruned(data.prunedBase) : ""}</p>
      <Table
        rows={parts} caption={words.chain.caption} keyOf={(p) => String(p.id)} testid="chain-parts"
        columns={[
          { head: words.chain.partition, of: (p) => (p.id < 0 ? words.chain.house : String(p.id)) },
          { head: words.chain.head, figure: true, of: (p) => count(p.head, lang) },
          { head: words.chain.proved, figure: true, of: (p) => `${count(p.from, lang)} – ${count(p.upTo, lang)}` },
          { head: words.chain.hash, of: (p) => <code title={p.hash}>{p.hash.slice(0, 16)}…</code> },
        ]}
      />
    </details>
  );
}
