import { useEffect, useRef } from "react";
import { useShared } from "../context";
import { useView } from "../live/hooks";
import { stream } from "../live/stream";
import { addressOf, go } from "../url";
import type { Alert } from "./alerts";

const severities = ["Info", "Low", "Medium", "High", "Critical"];

/** More at once become one notice that names how many. */
const most = 3;

/** Notices of the browser about warnings that begin while the page is open; off until a person switches them on, from a severity on. */
export function Notices() {
  const { words, settings } = useShared();
  const from = settings.notices ? severities.indexOf(settings.notices) : -1;
  const isOn = from > 0;
  const view = useView<Alert>(isOn ? "alerts" : null);
  const seen = useRef<Set<string> | null>(null);
  useEffect(() => {
    // A page that has to tell something goes on listening when it is hidden.
    stream.stays = isOn;
    seen.current = null;
    return () => {
      stream.stays = false;
    };
  }, [isOn, from]);
  useEffect(() => {
    if (!isOn || !view) return;
    const firing = [...view.rows.values()].filter((a) => a.state === "credit.signal.raised.v1" && !a.mark?.resolvedBy && severities.indexOf(a.severity) >= from);
    const fresh = seen.current === null ? [] : firing.filter((a) => !seen.current!.has(a.id));
    seen.current = new Set([...(seen.current ?? []), ...firing.map((a) => a.id)]);
    if (fresh.length === 0) return;
    if (settings.sound) beep();
    if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
    for (const a of fresh.length > most ? [] : fresh) tell(`${a.customer} ${a.name ?? ""}`.trim(), `${words.alerts.names[a.indicator as keyof typeof words.alerts.names] ?? a.indicator} · ${words.alerts.severities[a.severity as keyof typeof words.alerts.severities] ?? a.severity}`, a.id, "/alerts/" + encodeURIComponent(a.id));
    if (fresh.length > most) tell(words.nav.alerts, words.notice.many(fresh.length), "many", "/alerts");
  }, [view, isOn, from]);
  return null;
}

/** Nothing acts from a notice: it opens the page where somebody decides. */
function tell(title: string, body: string, tag: string, to: string) {
  const notice = new Notification(title, { body, tag });
  notice.onclick = () => {
    window.focus();
    go(addressOf(to));
    notice.close();
  };
}

function beep() {
  const sound = new AudioContext();
  const [tone, volume] = [sound.createOscillator(), sound.createGain()];
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.15, sound.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.25);
  tone.connect(volume).connect(sound.destination);
  tone.onended = () => void sound.close();
  tone.start();
  tone.stop(sound.currentTime + 0.25);
}
