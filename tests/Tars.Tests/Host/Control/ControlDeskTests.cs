using System.Text;
using Tars.Host.Control;
using Xunit;

namespace Tars.Tests.Host.Control;

/// <summary>Each request that was read is answered, also by a run that ends meanwhile.</summary>
public sealed class ControlDeskTests
{
    [Fact]
    public async Task Who_waits_for_his_turn_as_the_run_ends_is_told_so()
    {
        using var desk = new ControlDesk(() => { });
        desk.Begin();
        var first = desk.AskAsync(new ControlRequest.Processes(0), 1, offer: null, CancellationToken.None);
        var task = desk.Take()!;
        Thread.Sleep(600); // So the run has more than ten seconds for itself behind it.
        task.Done(_ => { });
        Assert.Contains("\"ok\":true", Text(await first), StringComparison.Ordinal);

        var second = desk.AskAsync(new ControlRequest.Processes(0), 2, offer: null, CancellationToken.None);
        Assert.False(desk.HasWork);
        desk.Close();
        Assert.Same(second, await Task.WhenAny(second, Task.Delay(5_000, TestContext.Current.CancellationToken)));
        Assert.Contains("the run has ended", Text(await second), StringComparison.Ordinal);
        var late = desk.AskAsync(new ControlRequest.Processes(0), 3, offer: null, CancellationToken.None);
        Assert.Contains("the run has ended", Text(await late), StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_a_run_waits_for_answers_that_are_owed()
    {
        using var desk = new ControlDesk(() => { });
        desk.Owe();
        Assert.False(desk.Drain());
        desk.Settle();
        Assert.True(desk.Drain());
    }

    private static string Text(ReadOnlyMemory<byte> line) => Encoding.UTF8.GetString(line.Span);
}
