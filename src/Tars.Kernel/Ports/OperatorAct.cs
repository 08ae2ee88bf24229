namespace Tars.Kernel.Ports;

/// <summary>What an operator wanted of a running system, and what came of it.</summary>
/// <param name="Act">One of <see cref="OperatorActs"/>.</param>
/// <param name="Target">A parameter, right, process or dead letter.</param>
/// <param name="Refusal">Why it was not done; empty when it was.</param>
public sealed record OperatorAct(string Act, string Target, string Refusal)
{
    public bool IsDone => Refusal.Length == 0;
}

/// <summary>What an act is called in logs and audits.</summary>
public static class OperatorActs
{
    public const string Set = "set";

    /// <summary>A parameter that was set for a time has its value again.</summary>
    public const string Return = "return";
    public const string Grant = "grant";
    public const string Revoke = "revoke";
    public const string Deliver = "deliver";
    public const string Drop = "drop";
    public const string Stop = "stop";
}
