using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS06xx to TARS08xx: scenarios, beliefs, metrics, evolution.</summary>
public static partial class Report
{
    public static Diagnostic NoSuchThing(TextSpan at, string title, string mend) => Error(
        "TARS0601", at, title, mend.Length > 0 ? mend : "name one that exists");

    public static Diagnostic StepForm(TextSpan at, string title, string mend) => Error("TARS0602", at, title, mend);

    /// <param name="reason">What is wrong with it.</param>
    public static Diagnostic NotARecording(TextSpan at, string path, string reason) => Error(
        "TARS0603", at, $"`{Short(path)}` {reason}", "record a run: `tarscli run FILE --record LOG`");

    public static Diagnostic LoadWithoutPolicy(TextSpan at) => Error(
        "TARS0604",
        at,
        "only a scheduling policy decides in a recorded load",
        "write `implements: scheduler`, or delete `load`");

    public static Diagnostic NotMeasuredInLoad(TextSpan at, string name, string figures) => Error(
        "TARS0605",
        at,
        $"no recorded load measures `{Short(name)}`",
        $"name one of `{figures}`, or delete `split` where there is a `load`");

    public static Diagnostic UnknownBelief(TextSpan at, string name, string mend) => Error(
        "TARS0701",
        at,
        $"no belief `{Short(name)}`",
        mend.Length > 0 ? mend : "declare it under `belief_graph.beliefs`");

    public static Diagnostic UnknownMetric(TextSpan at, string name, string mend) => Error(
        "TARS0702", at, $"no metric `{Short(name)}`", mend.Length > 0 ? mend : "declare it under `metrics:`");

    public static Diagnostic MetricNotReported(TextSpan at, string name) => Error(
        "TARS0702",
        at,
        $"`{name}` is not measured by the module itself",
        "delete the report, or delete `from:` of the metric");

    public static Diagnostic BeliefOfAnother(TextSpan at, string name, string agent) => Error(
        "TARS0703", at, $"`{name}` belongs to agent `{agent}`", "ask or tell that agent");

    public static Diagnostic OnceMayRepeat(TextSpan at, string name) => Warning(
        "TARS0704",
        at,
        $"`{name}` is of kind `once`, and this handler can run again",
        "report it in `start` or `stop`, or choose another kind");

    public static Diagnostic BeliefProblem(TextSpan at, string title, string mend) => Error(
        "TARS0705", at, title, mend);

    public static Diagnostic BeliefDoubt(TextSpan at, string title, string mend) =>
        Warning("TARS0706", at, title, mend);

    public static Diagnostic JudgeWithinReach(TextSpan at, string metric, string unit) => Error(
        "TARS0707",
        at,
        $"`{metric}` judges what can move it by itself: `{Short(unit)}` may change",
        "measure it in an environment module or over channels, or take that out of `may_change`");

    public static Diagnostic NotOverChannels(TextSpan at) => Error(
        "TARS0708",
        at,
        "a metric over channels is worked out from what is published, and from nothing else",
        "write it with `published(\"a/b\")`, or report it in the module");

    public static Diagnostic NoSuchPath(TextSpan at, string path, string mend) => Error(
        "TARS0801",
        at,
        $"no path `{Short(path)}`",
        mend.Length > 0 ? mend : "write keys joined by points; blanks in a key become `:`");

    public static Diagnostic ForbiddenPath(TextSpan at, string path) => Error(
        "TARS0802",
        at,
        $"`{Short(path)}` may never change by itself",
        "scenarios, tests, metrics, invariants and capabilities are changed by a person");

    public static Diagnostic SplitMissing(TextSpan at, string split) => Warning(
        "TARS0803",
        at,
        $"no scenario has `split: {split}`",
        "a search learns from `train` and chooses by `validation`; give it at least one of each");
}
