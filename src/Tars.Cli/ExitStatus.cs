namespace Tars.Cli;

/// <summary>What the program's exit status says.</summary>
internal static class ExitStatus
{
    public const int Fine = 0;

    /// <summary>The modules are at fault: mistakes, failed tests, a file out of format, --strict and a trap.</summary>
    public const int Faulty = 1;

    /// <summary>The call or the world is at fault: usage, a file that cannot be read or written.</summary>
    public const int Unusable = 2;
}
