import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { client } from "../client/client.ts";
import { overviewQuery } from "../fleet/overview.ts";
import { LiveStatus, OfflineBanner } from "../live/live-status.tsx";
import { Icon } from "../marks/icon.tsx";
import { sessionQuery } from "../session/session.ts";
import { ThemeSwitch } from "../theme/theme-switch.tsx";
import { useSwitchLanguage, useWords } from "../words/use-words.tsx";
import { PATHS, placeOf } from "./paths.ts";

const WrongCount = () => {
  const { bar } = useWords();
  const total = useQuery(overviewQuery).data?.wrong_total ?? 0;
  if (total === 0) return null;
  return (
    <b aria-label={bar.wrongNow(total)} title={bar.wrongNow(total)}>
      {total}
    </b>
  );
};

const usePlaces = () => {
  const { places } = useWords();
  return [{ path: PATHS.fleet, text: places.fleet, icon: "matrix" }] as const;
};

const SignOut = () => {
  const { bar } = useWords();
  const queries = useQueryClient();
  const { data } = useQuery(sessionQuery);
  if (data?.auth_mode !== "token") return null;
  const signOut = async (): Promise<void> => {
    await client.deleteSession();
    await queries.invalidateQueries();
  };
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={bar.signOut}
      title={bar.signOut}
      onClick={() => void signOut()}
    >
      <Icon name="close" />
    </button>
  );
};

/** Bar, page, and on small screens the tabs at the bottom. */
export const Shell = () => {
  const { bar, places } = useWords();
  const switchLanguage = useSwitchLanguage();
  const here = placeOf(useRouterState({ select: ({ location }) => location.pathname }));
  const list = usePlaces();
  return (
    <>
      <a className="skip" href="#content">
        {bar.skip}
      </a>
      <header className="bar">
        <Link className="brand" to={PATHS.fleet}>
          <svg viewBox="0 0 18 18" aria-hidden="true">
            <path d="M1 12.5 5 9l4 3.5V16L5 12.5 1 16zM9 12.5 13 9l4 3.5V16l-4-3.5L9 16zM5 5.500 9 2l4 3.5V9L9 5.500 5 9z" />
          </svg>
          Airfleet
        </Link>
        <nav className="places" aria-label={places.main}>
          {list.map(({ path, text }) => (
            <Link key={path} to={path} aria-current={here === path ? "page" : undefined}>
              {text}
              {path === PATHS.fleet && <WrongCount />}
            </Link>
          ))}
        </nav>
        <div className="bar-end">
          <LiveStatus />
          <button type="button" className="language" onClick={switchLanguage}>
            {bar.language}
          </button>
          <ThemeSwitch />
          <SignOut />
        </div>
      </header>
      <OfflineBanner />
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <nav className="tabbar" aria-label={places.main}>
        {list.map(({ path, text, icon }) => (
          <Link key={path} to={path} aria-current={here === path ? "page" : undefined}>
            <Icon name={icon} />
            {text}
          </Link>
        ))}
      </nav>
    </>
  );
};
