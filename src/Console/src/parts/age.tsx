import { useEffect, useState } from "react";
import { useShared } from "../context";

/** How long something stands, and how long until something happens; it counts by itself, in words that a glance takes in. */
export function Age({ since, until }: { since?: string; until?: string | null }) {
  const { words, lang } = useShared();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(clock);
  }, []);
  const span = (milliseconds: number) => {
    const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
    const text = minutes < 60 ? `${minutes} min` : minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} d`;
    return lang === "zh" ? text.replace("min", "分钟").replace("h", "小时").replace("d", "天") : text;
  };
  return <span className="fig">{since && span(now - new Date(since).getTime())}{until && <span className="muted" data-testid="left">{since && " · "}{words.holds.left(span(new Date(until).getTime() - now))}</span>}</span>;
}
