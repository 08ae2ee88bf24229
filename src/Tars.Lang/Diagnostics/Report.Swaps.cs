using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS09xx: a module that is to take the place of an earlier version of itself.</summary>
public static partial class Report
{
    public static Diagnostic StateChanged(TextSpan at, string name, string was, string now, string version) => Error(
        "TARS0901",
        at,
        $"`{name}` was {Quoted(was)} in version {Short(version)} and is {Quoted(now)} now",
        $"say with `migrate {Short(version.Split('.')[0])} as old` how the one becomes the other");

    /// <param name="held">The type that it has there; empty where there is no such state.</param>
    public static Diagnostic NotTheOldState(TextSpan at, string name, string held, string version) => Error(
        "TARS0901",
        at,
        held.Length == 0
            ? $"version {Short(version)} has no state `{Short(name)}`"
            : $"`{Short(name)}` is {Quoted(held)} in version {Short(version)}",
        "declare under `with` what that version holds");

    public static Diagnostic StateDropped(TextSpan at, string name, string version) => Warning(
        "TARS0902",
        at,
        $"the state `{Short(name)}` of version {Short(version)} is dropped",
        "keep it, or read it in `migrate`");

    public static Diagnostic MailChanged(TextSpan at, string handler, bool isGone, string version) => Warning(
        "TARS0903",
        at,
        $"`{Short(handler)}` of version {Short(version)} {(isGone ? "is gone" : "has other types now")}",
        "keep it as it was: while mail for it waits, the swap is refused");

    public static Diagnostic RightsGrow(TextSpan at, string agent, string subject, string version) => Warning(
        "TARS0904",
        at,
        $"`{Short(agent)}` uses `{Short(subject)}`, which it did not in version {Short(version)}",
        "a person has to approve what an agent may do more");
}
