import { useState } from "react";
import { ApiError, post, send, type Problem } from "../api";
import type { SavedViews } from "../contract";
import { useShared } from "../context";
import { Failed, Field, Link, useGet } from "../parts/basics";
import { usePlace } from "../url";

/** A name for an address. Three are always there. */
export function Views() {
  const { words, me } = useShared();
  const { query } = usePlace();
  const list = useGet<SavedViews>("/views");
  const [name, setName] = useState("");
  const [address, setAddress] = useState(query.get("address") ?? "");
  const [shared, setShared] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const shipped: [string, string][] = [
    [words.holds.overNow, "/board?band=over,breach&sort=-over"], [words.views.bad, "/board?band=critical&rising=1"], [words.board.me, "/board?owner=me"],
  ];
  const save = async () => {
    setProblem(null);
    try {
      const bare = address.startsWith(location.origin) ? address.slice(location.origin.length) : address;
      await post("/views", { name, address: bare, shared });
      setName("");
      list.reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
  };
  return (
    <>
      <h1>{words.views.title}</h1>
      <p className="muted">{words.views.text}</p>
      <div className="columns">
        <section className="card">
          <h2>{words.views.shipped}</h2>
          <ul className="plain">{shipped.map(([label, to]) => <li key={to}><Link to={to} testid="shipped-view">{label}</Link></li>)}</ul>
        </section>
        <section className="card">
          <h2>{words.views.mine}</h2>
          {list.data?.views.length === 0 && <p className="muted">{words.views.empty}</p>}
          <ul className="plain" data-testid="saved-views">
            {list.data?.views.map((v) => (
              <li key={v.id}>
                <Link to={v.address ?? "/board"}>{v.name}</Link> <span className="muted">{v.owner}{v.shared ? " · " + words.views.shared : ""}</span>{" "}
                {v.owner === me.user && <button type="button" className="link" onClick={() => void send("DELETE", "/views/" + v.id).then(list.reload)} aria-label={`${words.common.remove} ${v.name}`}>{words.common.remove}</button>}
              </li>
            ))}
          </ul>
          <form className="act" onSubmit={(event) => { event.preventDefault(); void save(); }}>
            <Field label={words.common.name}>{(a) => <input {...a} value={name} onChange={(event) => setName(event.target.value)} maxLength={80} data-testid="view-name" />}</Field>
            <Field label={words.views.address}>{(a) => <input {...a} value={address} onChange={(event) => setAddress(event.target.value)} placeholder="/board?band=over" data-testid="view-address" />}</Field>
            <div className="buttons">
              <label className="check"><input type="checkbox" checked={shared} onChange={(event) => setShared(event.target.checked)} /> {words.views.shared}</label>
              <button type="submit" className="primary" disabled={name === "" || address === ""} data-testid="save-view">{words.common.save}</button>
            </div>
            {problem && <Failed problem={problem} />}
          </form>
        </section>
      </div>
    </>
  );
}
