using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Sim;

/// <summary>The protocols of swaps, of revocation and of moves between shards, as models that spin searches whole: what
/// is claimed holds, and each mistake that is put in breaks it.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tars-model-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("revocation.pml", "", true)]
    [InlineData("revocation.pml", "-DBROKEN", false)]
    [InlineData("hot-swap.pml", "", true)]
    [InlineData("hot-swap.pml", "-DBROKEN_CHECK", false)]
    [InlineData("hot-swap.pml", "-DBROKEN_MAIL", false)]
    [InlineData("shard-move.pml", "", true)]
    [InlineData("shard-move.pml", "-DBROKEN_TIME", false)]
    [InlineData("shard-move.pml", "-DBROKEN_MAIL", false)]
    [InlineData("shard-move.pml", "-DBROKEN_TABLE", false)]
    [InlineData("shard-swap.pml", "", true)]
    [InlineData("shard-swap.pml", "-DBROKEN_LEAVE", false)]
    [InlineData("shard-swap.pml", "-DBROKEN_CONVERT", false)]
    public void A_protocol_keeps_what_is_claimed_and_a_mistake_in_it_does_not(string model, string mistake, bool holds)
    {
        string path = RepoRoot.File($"tests/Models/{model}");
        Tool.Run("gcc", ["--version"]); // Skips without it, as the next does without spin.
        Tool.Run("spin", ["-V"]);
        string told = Told("sh", "-c", $"cd {_folder} && spin -a {mistake} {path}");
        Assert.DoesNotContain("Error", told, StringComparison.Ordinal);
        string search = Path.Combine(_folder, "pan");
        // A search that ends at a mistake is shorter than what an optimiser would take for it.
        string level = holds ? "-O2" : "-O0";
        Told("gcc", level, "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=1024", "-o", search, $"{search}.c");
        told = Told(search, "-m200000");
        Assert.DoesNotContain("search depth too small", told, StringComparison.Ordinal);
        Assert.DoesNotContain("out of memory", told, StringComparison.Ordinal);
        Assert.Contains(holds ? "errors: 0" : "assertion violated", told, StringComparison.Ordinal);
        if (holds)
        {
            // Every branch of the kernel's loop is taken; that it goes on for ever is no hole.
            string[] holes = [.. told.Split('\n').Where(line =>
                line.Contains(".pml:", StringComparison.Ordinal) && !line.Contains("-end-", StringComparison.Ordinal))];
            Assert.Empty(holes);
        }
    }

    private static string Told(string program, params string[] arguments)
    {
        var (status, output, errors) = Tool.Run(program, arguments);
        Assert.True(status == 0, $"{program}: {output}{errors}");
        return output + errors;
    }
}
