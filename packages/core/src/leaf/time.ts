/**
 * Times as text. Go keeps an instant and a zone and prints them again; since the zone it prints is always the
 * offset it read, the wall clock never moves, and reading plus printing is a rewriting of text.
 *
 * Facts of Go 1.26: a fraction may follow `.` or `,` and is cut, not rounded, to nanoseconds; a leap second,
 * hour 24 and day 30 of February are refused; offsets go up to `+24:60`, which prints as `+25:00`; an offset
 * of nothing prints as `Z`.
 */

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)$/;

const YAML_DATE_TIME =
	/^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)| +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?)?$/;

/** What `time.Format` of RFC 3339 with nanoseconds prints for a canonical time, if it is one Go refuses to marshal. */
const WIDE_OFFSET = /[-+]2[4-9]:\d\d$/;

/**
 * The four layouts of go-yaml's `parseTimestamp` (v3.0.4): a date, with a time behind `T` or `t` and a zone,
 * or behind blanks and without one. Month, day and the parts of the time may have one digit.
 *
 * @returns the time as Go prints it in RFC 3339 with nanoseconds. An offset of 24 hours or more is
 * a time for YAML although {@link isMarshalableTime} says no.
 */
export function parseYamlTimestamp(text: string): string | undefined {
	// Most scalars that start with a digit are no date: look at the fifth character first.
	if (text.charCodeAt(4) !== 0x2d) return undefined;
	const match = YAML_DATE_TIME.exec(text);
	if (match === null) return undefined;
	const [, year = "", month = "", day = ""] = match;
	const spaced = match[9] !== undefined;
	return normalise(
		year,
		month,
		day,
		match[spaced ? 9 : 4] ?? "0",
		match[spaced ? 10 : 5] ?? "0",
		match[spaced ? 11 : 6] ?? "0",
		match[spaced ? 12 : 7] ?? "",
		match[8] ?? "Z",
	);
}

/**
 * What the cipher accepts for a sealed time: Go's `time.Time.UnmarshalText`, which is as lenient as
 * {@link parseMetadataTime}, followed by `MarshalText`, without which the MAC of sops fails.
 *
 * @returns the text of `MarshalText`
 */
export function parseRfc3339(text: string): string | undefined {
	const canonical = read(text, true);
	return canonical !== undefined && isMarshalableTime(canonical) ? canonical : undefined;
}

/**
 * `lastmodified` and `created_at`: Go's `time.Parse(time.RFC3339, text)`, printed in the same layout. The
 * fraction is gone, the offset stays.
 */
export function parseMetadataTime(text: string): string | undefined {
	return read(text, false);
}

/**
 * A point in time in UTC with seconds, as sops writes `lastmodified`.
 *
 * @throws RangeError for an invalid date and for years that RFC 3339 has no digits for
 */
export function formatRfc3339Seconds(date: Date): string {
	const text = date.toISOString();
	if (text.length !== 24) throw new RangeError("the year is outside 0 to 9999");
	return `${text.slice(0, 19)}Z`;
}

/**
 * Whether Go's `MarshalText` and `MarshalJSON` take a time: not with an offset of 24 hours or more. Such a
 * time can be in a YAML file, but neither be hashed nor sealed nor written as JSON.
 *
 * @param canonical - the value of a time leaf
 */
export function isMarshalableTime(canonical: string): boolean {
	return !WIDE_OFFSET.test(canonical);
}

function read(text: string, fraction: boolean): string | undefined {
	const match = RFC3339.exec(text);
	if (match === null) return undefined;
	const [, year = "", month = "", day = "", hour = "", minute = "", second = "", digits = "", zone = ""] =
		match;
	return normalise(year, month, day, hour, minute, second, fraction ? digits : "", zone);
}

function normalise(
	year: string,
	month: string,
	day: string,
	hour: string,
	minute: string,
	second: string,
	fraction: string,
	zone: string,
): string | undefined {
	if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
	if (Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month))) return undefined;
	const offset = normaliseOffset(zone);
	if (offset === undefined) return undefined;
	const nanoseconds = fraction.slice(0, 9).replace(/0+$/, "");
	const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
	const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}:${second.padStart(2, "0")}`;
	return `${date}T${time}${nanoseconds === "" ? "" : `.${nanoseconds}`}${offset}`;
}

/** Zero for a month that does not exist. */
function daysIn(year: number, month: number): number {
	if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
	if (month === 4 || month === 6 || month === 9 || month === 11) return 30;
	return month >= 1 && month <= 12 ? 31 : 0;
}

function normaliseOffset(zone: string): string | undefined {
	if (zone === "Z" || zone === "+00:00") return "Z";
	const hours = Number(zone.slice(1, 3));
	const minutes = Number(zone.slice(4));
	if (hours > 24 || minutes > 60) return undefined;
	const total = hours * 60 + minutes;
	if (total === 0) return "Z";
	const hh = String(Math.floor(total / 60)).padStart(2, "0");
	return `${zone.charAt(0)}${hh}:${String(total % 60).padStart(2, "0")}`;
}
