/** Sizes and times as people read them. */

export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

export function sizeText(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3).toLocaleString("en")} KB` : `${megabytes(bytes)} MB`;
}

export function timeText(milliseconds) {
  // Browsers blur their clock to a tenth of a millisecond.
  return milliseconds < 0.1 ? "less than 0.1 ms" : `${milliseconds.toFixed(1)} ms`;
}
