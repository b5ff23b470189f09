// Before anything is painted, so that a page never flashes in the other theme.
try {
  const theme = localStorage.getItem("airfleet.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const density = localStorage.getItem("airfleet.density");
  if (density === "comfortable") document.documentElement.dataset.density = density;
} catch {
  // A browser that keeps nothing follows the system.
}
