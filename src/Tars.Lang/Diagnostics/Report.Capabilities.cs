using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS05xx: capabilities, and what is done without or against them.</summary>
public static partial class Report
{
    /// <param name="section">subscribe or publish.</param>
    public static Diagnostic ChannelNotDeclared(TextSpan at, string channel, string section, string mend) => Error(
        "TARS0501",
        at,
        $"`{Short(channel)}` is not under `capabilities.{section}`",
        mend.Length > 0 ? mend : $"declare it there: `{Short(channel)}: TYPE`");

    public static Diagnostic TimersNotDeclared(TextSpan at) => Error(
        "TARS0501", at, "timers are not under `capabilities`", "add `timers: { shortest: … }` there");

    public static Diagnostic SpawnNotDeclared(TextSpan at, string agent) => Error(
        "TARS0501",
        at,
        $"`{agent}` is not under `capabilities.spawn`",
        $"add `{agent}: N` there, the most alive at once");

    public static Diagnostic DeviceNotDeclared(TextSpan at, string device, string mend) => Error(
        "TARS0501",
        at,
        $"`{Short(device)}` is not under `capabilities.devices`",
        mend.Length > 0 ? mend : $"add `{Short(device)}: KIND` there");

    public static Diagnostic DeviceBringsNothing(TextSpan at, string device, string kind) => Error(
        "TARS0501", at, $"`{device}` is of kind `{kind}`, which brings no events", "ask it, or tell it something");

    public static Diagnostic PathNotServed(TextSpan at, string path) => Error(
        "TARS0501", at, $"`{Short(path)}` is not under `capabilities.serve`", "add a prefix of it there");

    /// <param name="what">What is declared, and that it is not used.</param>
    public static Diagnostic NotUsed(TextSpan at, string what) => Warning(
        "TARS0502", at, what, "use it, or take the right away");

    public static Diagnostic TimerTooShort(TextSpan at) => Error(
        "TARS0503", at, "shorter than `capabilities.timers.shortest`", "wait longer, or declare the shorter time");

    public static Diagnostic ChannelNotLiteral(TextSpan at) => Error(
        "TARS0504",
        at,
        "a channel is written as a text here, so that it can be checked",
        "write `\"a/b\"` or `\"a/{x}\"`: 1 to 8 segments of a-z, 0-9, `_` and `-`; a hole fills a whole segment");

    public static Diagnostic OverlappingPatterns(TextSpan at, string other, TextSpan first) => Error(
        "TARS0505", at, $"some event fits both this and `{other}`", "handle both in one handler", first);

    public static Diagnostic AskInQueue(TextSpan at) => Warning(
        "TARS0506",
        at,
        "while this waits for an answer, all other requests wait too",
        "give requests an agent with `starts: per_request`");
}
