import { useWords } from "../words/use-words.tsx";

/** Before any deployment is known: what to do, not an empty table. */
export const FirstSteps = () => {
  const { fleet } = useWords();
  return (
    <div className="head">
      <h1>Airfleet</h1>
      <p className="lede">{fleet.noInstances}</p>
      <ol className="first-steps">
        {fleet.firstSteps.map(({ text, command }) => (
          <li key={command}>
            {text}
            <pre>{command}</pre>
          </li>
        ))}
      </ol>
    </div>
  );
};
