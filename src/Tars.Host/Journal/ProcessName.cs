namespace Tars.Host.Journal;

/// <summary>What a person calls a process: its agent, and its module where that has another name.</summary>
internal static class ProcessName
{
    public static string Of(string module, string agent) => module == agent ? module : $"{module}.{agent}";
}
