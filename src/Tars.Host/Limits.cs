namespace Tars.Host;

/// <summary>Every bound that the host gives to what runs, unless someone says otherwise.</summary>
internal static class Limits
{
    /// <summary>What a command may burn when nobody says how much: practically without end.</summary>
    public const long CommandFuelMax = long.MaxValue / 4;

    /// <summary>Linear memory of a command when nobody says how much.</summary>
    public const long CommandMemoryBytesMax = 1L << 30;

    public const int CommandDepthSlotsMax = 1 << 20;

    public const int CommandTableElementsMax = 1_000_000;

    /// <summary>Machine stack of the thread that a command runs on, so that the engine needs no other.</summary>
    public const int CommandStackBytesMax = 48 << 20;

    /// <summary>How often a command whose time is over is told to end before it is left behind.</summary>
    public const int AbortCountMax = 100;

    /// <summary>How long it is waited for each time; it may be inside a call that waits itself.</summary>
    public const int AbortMilliseconds = 20;
}
