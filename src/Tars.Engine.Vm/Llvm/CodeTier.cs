namespace Tars.Engine.Vm.Llvm;

/// <summary>How much time the compiler takes to make code fast.</summary>
internal enum CodeTier : byte
{
    /// <summary>None: the code runs soon.</summary>
    O0,

    /// <summary>What is cheap and gains much.</summary>
    O1,

    /// <summary>As `clang -O2` does.</summary>
    O2,
}
