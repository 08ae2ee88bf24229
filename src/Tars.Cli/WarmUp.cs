using Tars.Base;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Cli;

/// <summary>Uses the compiler once on another core, while the command line is read: first uses are slow.</summary>
/// <remarks>
/// Tables, regular expressions and generic code come to life at their first use, which for a small file is most of the
/// time that a user waits. Nothing depends on this: a machine with one core does the same work in another order.
/// </remarks>
internal static class WarmUp
{
    internal const string Tiny =
        """
        tars: 1
        module: tiny
        version: 1.0.0
        summary: Uses a little of everything.
        state:
          seen: map<text, int> = []
        handlers:
          start:
            do: |
              let name = "a{seen.len()}"
              seen[name] = (seen.get(name) ?? 0) + 1

        """;

    private static readonly string[] _compiling = ["check", "test", "build", "inspect", "run"];

    public static void Begin(string[] arguments)
    {
        if (1 < Environment.ProcessorCount && arguments is [var command, ..] && _compiling.Contains(command))
        {
            var source = new SourceText("tiny.tars", Tiny);
            var work = new Thread(() => Use(source, alsoEmit: command != "check")) { IsBackground = true };
            work.Start();
        }
    }

    private static void Use(SourceText source, bool alsoEmit)
    {
        _ = ModuleChecker.Check(source, new NoModules());
        if (alsoEmit)
        {
            _ = Compiler.Compile(source, new NoModules(), new CompileOptions());
        }
    }
}
