import { lazy, Suspense, useEffect } from "react";
import { Provider, useShared } from "./context";
import { Missing } from "./parts/basics";
import { Board } from "./screens/board";
import { SignIn } from "./screens/sign-in";
import { Shell } from "./shell";
import { go, usePlace } from "./url";

// The board comes at once; every other screen when somebody goes there.
const Alerts = lazy(() => import("./screens/alerts").then((m) => ({ default: m.Alerts })));
const Audit = lazy(() => import("./screens/audit").then((m) => ({ default: m.Audit })));
const Customer = lazy(() => import("./screens/customer").then((m) => ({ default: m.Customer })));
const EventPage = lazy(() => import("./screens/event").then((m) => ({ default: m.EventPage })));
const Group = lazy(() => import("./screens/group").then((m) => ({ default: m.Group })));
const Holds = lazy(() => import("./screens/holds").then((m) => ({ default: m.Holds })));
const Limits = lazy(() => import("./screens/limits").then((m) => ({ default: m.Limits })));
const Policy = lazy(() => import("./screens/policy").then((m) => ({ default: m.Policy })));
const Settings = lazy(() => import("./screens/settings").then((m) => ({ default: m.Settings })));
const Views = lazy(() => import("./screens/views").then((m) => ({ default: m.Views })));
const Health = lazy(() => import("./screens/health").then((m) => ({ default: m.Health })));
const DeadLetters = lazy(() => import("./screens/dead-letters").then((m) => ({ default: m.DeadLetters })));

export function App() {
  return (
    <Provider signIn={(about, again) => <SignIn about={about} again={again} />}>
      <Shell>
        <Suspense fallback={null}>
          <Screen />
        </Suspense>
      </Shell>
    </Provider>
  );
}

function Screen() {
  const { path } = usePlace();
  const { words, may } = useShared();
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  const [first, second, third, fourth] = parts;
  const reads = may("Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Auditor");
  const section = first as keyof typeof words.nav | undefined;
  useEffect(() => {
    document.title = [second, section && words.nav[section], words.product].filter(Boolean).join(" · ");
    if (!first) go((reads ? "/board" : "/health") + location.search, true);
  }, [path, words]);
  if (first === "board" && reads) return <Board />;
  if (first === "customers" && second && reads) return third === "events" && fourth ? <EventPage key={fourth} customer={second} entry={fourth} /> : <Customer key={second} id={second} />;
  if (first === "groups" && second && reads) return <Group key={second} id={second} />;
  if (first === "holds" && reads) return <Holds customer={second} order={third} />;
  if (first === "alerts" && reads) return <Alerts id={second} />;
  if (first === "limits") return <Limits />;
  if (first === "policy") return <Policy key={second} version={second} />;
  if (first === "health") return second === "dead-letters" ? <DeadLetters entry={third} /> : <Health />;
  if (first === "audit") return <Audit />;
  if (first === "views") return <Views />;
  if (first === "settings") return <Settings />;
  return first ? <Missing /> : null;
}
