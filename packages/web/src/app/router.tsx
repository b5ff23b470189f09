import { createRootRoute, createRoute, createRouter, Link } from "@tanstack/react-router";
import { FleetPage } from "../fleet/fleet-page.tsx";
import { useWords } from "../words/use-words.tsx";
import { PATHS } from "./paths.ts";
import { Shell } from "./shell.tsx";

const NotFound = () => {
  const { failing } = useWords();
  return (
    <div className="head">
      <h1>{failing.notFound}</h1>
      <p className="lede">
        <Link className="link" to={PATHS.fleet}>
          {failing.toFleet}
        </Link>
      </p>
    </div>
  );
};

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const fleet = createRoute({ getParentRoute: () => root, path: PATHS.fleet, component: FleetPage });

export const router = createRouter({ routeTree: root.addChildren([fleet]), defaultPreload: "intent" });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
