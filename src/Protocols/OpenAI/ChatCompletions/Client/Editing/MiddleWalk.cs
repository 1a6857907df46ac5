namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

/// <summary>A list of rising numbers whose middle is taken again and again (of two the earlier), each in constant time.</summary>
internal sealed class MiddleWalk
{
    private readonly int[] items;
    private readonly Dictionary<int, int> places;
    private readonly int[] next;
    private readonly int[] previous;
    private int left;
    private int middle;
    // How many are before the middle.
    private int before;

    public MiddleWalk(int[] items)
    {
        this.items = items;
        places = items.Select(static (item, place) => (item, place)).ToDictionary(static pair => pair.item, static pair => pair.place);
        next = [.. Enumerable.Range(1, items.Length)];
        previous = [.. Enumerable.Range(-1, items.Length)];
        left = items.Length;
        before = Math.Max(0, (left - 1) / 2);
        middle = before;
    }

    /// <summary>Takes the middle one out; false when none is left.</summary>
    public bool TryTake(out int item)
    {
        item = left == 0 ? -1 : items[middle];
        if (left == 0)
            return false;
        Drop(item);
        return true;
    }

    /// <summary>Takes <paramref name="item"/> out, if it is still there.</summary>
    public void Drop(int item)
    {
        if (!places.Remove(item, out var place))
            return;
        left--;
        if (previous[place] >= 0)
            next[previous[place]] = next[place];
        if (next[place] < items.Length)
            previous[next[place]] = previous[place];
        if (place < middle)
            before--;
        else if (place == middle)
            StepOff(place);
        Settle();
    }

    private void StepOff(int place)
    {
        if (next[place] < items.Length)
        {
            middle = next[place];
            return;
        }

        middle = previous[place];
        before--;
    }

    private void Settle()
    {
        var wanted = (left - 1) / 2;
        while (left > 0 && before < wanted)
        {
            middle = next[middle];
            before++;
        }

        while (left > 0 && before > wanted)
        {
            middle = previous[middle];
            before--;
        }
    }
}
