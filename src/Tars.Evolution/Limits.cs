namespace Tars.Evolution;

/// <summary>Every bound of what is run to be judged, and of what is changed.</summary>
internal static class Limits
{
    /// <summary>Points of one metric that a report keeps; beyond that every other one goes.</summary>
    public const int PointsMax = 1_024;

    /// <summary>Steps of the kernel at one instant before a system is taken for one that never rests.</summary>
    public const int StepsPerInstantMax = 200_000;

    /// <summary>Steps that a load may take before its first event.</summary>
    public const long LoadStepsMin = 1_000_000;

    /// <summary>Steps that it may take more for each event that was recorded.</summary>
    public const long LoadStepsPerEvent = 1_000;

    /// <summary>Nanoseconds for which a load may at least go on when nothing more comes in.</summary>
    public const long LoadRestMin = 1_000_000_000;

    /// <summary>Jumps of the wall clock in one run.</summary>
    public const int ClockJumpsMax = 8;

    /// <summary>Steps of the kernel between two reports of how far a run has come.</summary>
    public const int StepsPerProgress = 4_096;

    /// <summary>Characters of a value that a message shows.</summary>
    public const int ShownTextMax = 200;

    /// <summary>Traps of one run that are told one by one.</summary>
    public const int TrapsToldMax = 20;

    /// <summary>Edits of one list.</summary>
    public const int EditCountMax = 1_000;

    /// <summary>Characters of a number that another is tuned to: more than any needs.</summary>
    public const int TunedNumberMax = 100;

    /// <summary>Depth of the JSON in which edits come.</summary>
    public const int EditDepthMax = 64;

    /// <summary>Tokens of one prompt or answer that a model is believed to have counted.</summary>
    public const long CountedTokensMax = int.MaxValue;

    /// <summary>Versions of one module whose texts a store holds.</summary>
    public const int VersionsMax = 1_000;

    /// <summary>Things that a history of versions tells.</summary>
    public const int HistoryEntriesMax = 10_000;

    /// <summary>Characters of who did something, and of when.</summary>
    public const int EntryTextMax = 200;

    /// <summary>Outputs of each side that a trial compares.</summary>
    public const int TrialOutputsMax = 10_000;

    /// <summary>Characters of one of them; of longer ones the rest is compared by its hash.</summary>
    public const int TrialOutputTextMax = 1_000;

    /// <summary>Differences that a trial shows.</summary>
    public const int TrialDifferencesShown = 20;

    /// <summary>Differences up to which the least of them are looked for.</summary>
    public const int TrialEditsMax = 400;

    /// <summary>Steps of the other code between two recorded events before it is taken for one that never rests.
    /// </summary>
    public const int TrialTurnsMax = 10_000;

    /// <summary>Hundredths of the recorded events that have to be tried where a gate asks and says no number.</summary>
    public const int GatePercentDefault = 95;

    /// <summary>Traps of a trial that are shown, of those that the recorded code did not have.</summary>
    public const int TrialTrapsShown = 5;

    /// <summary>Candidates of a search that are compiled together.</summary>
    public const int SheetMax = 40;

    /// <summary>Characters of an expression that a proposal shows.</summary>
    public const int ShownCodeMax = 60;

    /// <summary>Branches that an analysis tells one by one, of those that no scenario comes to.</summary>
    public const int UncoveredMax = 100;

    /// <summary>Places that a gate names of those that nothing runs.</summary>
    public const int UntriedMax = 20;

    /// <summary>Relations of beliefs that a reason names.</summary>
    public const int ShownRelationsMax = 4;

    /// <summary>Lines of one kind that a prompt tells a model.</summary>
    public const int PromptLinesMax = 60;

    /// <summary>Of what was tried, how much a prompt tells.</summary>
    public const int PromptTriedMax = 20;

    /// <summary>Octets of a template of prompts.</summary>
    public const int TemplateBytesMax = 256 * 1024;
}
