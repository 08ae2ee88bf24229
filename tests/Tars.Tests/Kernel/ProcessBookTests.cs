using Tars.Kernel.Ports;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>The book of processes that an outside keeps.</summary>
public sealed class ProcessBookTests
{
    [Fact]
    public void A_book_knows_who_lives_and_who_ended_lately_and_forgets_the_others()
    {
        var rig = new SystemRig(running: false).Add(Of("m", Agent("m", Start)), _ => { }).Boot();
        var book = new ProcessBook(rig.System);
        for (long id = 1; id <= 10_000; id++)
        {
            book.Started(new ProcessId(id), "m", "m");
            if (id != 7)
            {
                book.Ended(new ProcessId(id));
            }
        }

        Assert.Equal("m", book.NameOf(new ProcessId(7)));
        Assert.Equal("start", book.Find(new ProcessId(10_000))?.HandlerName(0));
        Assert.Null(book.Find(new ProcessId(1)));
        Assert.Equal("process #1", book.NameOf(new ProcessId(1)));
        Assert.Equal("outside", book.NameOf(ProcessId.Outside));
        Assert.Equal(1_025, Enumerable.Range(1, 10_000).Count(id => book.Find(new ProcessId(id)) is not null));
    }
}
