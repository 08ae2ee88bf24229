using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Checking;

/// <summary>A scenario with every name resolved and every value read by its type.</summary>
/// <param name="Seeds">One run for each.</param>
/// <param name="Split">train, validation, test, or empty.</param>
/// <param name="RunsFor">Nanoseconds of virtual time.</param>
/// <param name="BeginsAs">The version it begins with, or null for this one.</param>
public sealed record CheckedScenario(
    string Name,
    SeedRange Seeds,
    string Split,
    long RunsFor,
    long? NanosecondsPerFuel,
    CheckedModule? BeginsAs,
    ImmutableArray<KeyValuePair<string, CheckedModule>> Environment,
    ImmutableArray<CheckedTwin> Twins,
    ImmutableArray<KeyValuePair<ParamSymbol, BoundExpr>> Params,
    CheckedFaults Faults,
    ImmutableArray<CheckedStub> Stubs,
    ImmutableArray<CheckedStep> Steps,
    ImmutableArray<CheckedExpectation> Expect,
    TextSpan Span)
{
    /// <summary>Values of params of the modules under `environment`.</summary>
    public ImmutableArray<CheckedWorldParam> WorldParams { get; init; } = [];

    /// <summary>The recorded run in which the module decides who runs next; null for a scenario of its own.</summary>
    public CheckedLoad? Load { get; init; }
}

/// <summary>A recording that a scenario names: octets that begin like one, and may be any from there on.</summary>
/// <param name="Name">Its path from the folder of the module's own file.</param>
public sealed record CheckedLoad(string Name, ReadOnlyMemory<byte> Octets);

/// <summary>The value that a scenario gives a param of a module that plays the world.</summary>
/// <param name="Environment">The module's name under `environment`.</param>
public sealed record CheckedWorldParam(string Environment, ParamSymbol Param, BoundExpr Value);

/// <summary>Another module that a scenario runs, and its text.</summary>
public sealed record CheckedModule(ModuleSymbol Symbol, SourceText Source);

/// <summary>What goes wrong between processes; shares are of messages on channels.</summary>
/// <param name="Delay">The longest delay of a message in nanoseconds.</param>
/// <param name="ClockJump">The widest jump of the wall clock in nanoseconds; 0 for none.</param>
public sealed record CheckedFaults(double Drop, long Delay, double Duplicate, double Reorder, long ClockJump);

/// <summary>The seeds from First on, Count of them.</summary>
public sealed record SeedRange(long First, int Count);

/// <summary>A condition, with its text for messages.</summary>
/// <param name="Answer">What <c>answer</c> or <c>response</c> stands for, or null.</param>
public sealed record CheckedExpectation(BoundExpr Condition, LocalSymbol? Answer, string Text, TextSpan Span);

/// <summary>What stands for an agent that is not run.</summary>
/// <param name="Answers">An ask and what it always answers, of the type that it returns.</param>
public sealed record CheckedStub(
    AgentSymbol Agent, ImmutableArray<KeyValuePair<HandlerSymbol, BoundExpr>> Answers);

/// <summary>How the twin of a device behaves.</summary>
/// <param name="Fails">The failure of every ask of it, or empty.</param>
/// <param name="AnswersByArgument">Argument to answer, for fetch and query.</param>
/// <param name="AnswersInTurn">Answers in order, for a model.</param>
/// <param name="Files">Path to content, for a directory.</param>
public sealed record CheckedTwin(
    string Device,
    int? Sectors,
    int? TornAfter,
    string Fails,
    ImmutableArray<KeyValuePair<string, string>> AnswersByArgument,
    ImmutableArray<DataNode> AnswersInTurn,
    ImmutableArray<KeyValuePair<string, string>> Files);

/// <summary>Data whose type is known only when it is used: the answer of a model.</summary>
public abstract record DataNode
{
    private DataNode()
    {
    }

    public sealed record Text(string Value) : DataNode;

    public sealed record List(ImmutableArray<DataNode> Items) : DataNode;

    public sealed record Record(ImmutableArray<KeyValuePair<string, DataNode>> Fields) : DataNode;
}

/// <summary>A stimulus at an instant, once or again and again.</summary>
/// <param name="Every">Nanoseconds between repetitions, or null.</param>
/// <param name="Until">The last instant of a repetition, included.</param>
/// <param name="Fails">The failure that is expected of an ask, or empty.</param>
public sealed record CheckedStep(
    long At, long? Every, long Until, Stimulus Stimulus, CheckedExpectation? Expect, string Fails, TextSpan Span);

/// <summary>What a step does to the module.</summary>
public abstract record Stimulus
{
    private Stimulus()
    {
    }

    public sealed record Publish(string Channel, LangType Type, BoundExpr Value) : Stimulus;

    public sealed record Device(string Name, LangType Type, BoundExpr Value) : Stimulus;

    /// <param name="Arguments">In order of the handler's parameters.</param>
    public sealed record Ask(AgentSymbol Agent, HandlerSymbol Handler, ImmutableArray<BoundExpr> Arguments) : Stimulus;

    public sealed record Http(
        string Method, string Path, ImmutableArray<KeyValuePair<string, string>> Headers, string Body) : Stimulus;

    /// <param name="Module">The name that the module gives itself: the one that is judged, or one of the world.</param>
    public sealed record Set(string Module, ParamSymbol Param, BoundExpr Value) : Stimulus;

    public sealed record Crash(AgentSymbol Agent) : Stimulus;

    /// <summary>This version takes the place of the one that the scenario began with.</summary>
    public sealed record Swap : Stimulus;
}
