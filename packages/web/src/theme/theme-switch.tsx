import { useState } from "react";
import { Icon } from "../marks/icon.tsx";
import { useWords } from "../words/use-words.tsx";

const KEPT = "airfleet.theme";

const isDark = (): boolean => {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? window.matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
};

/** Switches between dark and light, and remembers it here. Until then the system decides. */
export const ThemeSwitch = () => {
  const { bar } = useWords();
  const [dark, setDark] = useState(isDark);
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={dark ? bar.light : bar.dark}
      title={dark ? bar.light : bar.dark}
      onClick={() => {
        const next = dark ? "light" : "dark";
        document.documentElement.dataset.theme = next;
        localStorage.setItem(KEPT, next);
        setDark(!dark);
      }}
    >
      <Icon name="theme" />
    </button>
  );
};
