// Problems of the watch as the service tells them, in words that fit what is looked at.

const NO_ASSETS = "no assets are watched: no alert about a cable or plant can ever come";

/** The words of a problem. Of a recording there are no settings; a line that stands and brings nothing is not well. */
export function problemWords({ code, words }) {
  if (code === "no_assets") return NO_ASSETS;
  if (code === "feed_dead") return words.replace(/ is connected$/, " is connected but brings no report");
  return words;
}

/** What to do where no assets are watched. */
export const nameAssets = (live) => (live ? "Name the assets in the settings ([watch] assets)." : "Give the assets with --assets FILE when the recording is opened.");
