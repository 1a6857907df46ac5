using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Fairlead.Protocols.Json.Schemas;

/// <summary>
/// The references of a schema: what each names, and which lead back to themselves. Each reference is looked up and walked once, however often it stands, so
/// that definitions which name one another do not multiply; past the bounds <see cref="IsTooLarge"/> is set and nothing more is followed.
/// </summary>
internal sealed class SchemaGraph
{
    /// <summary>The reference to the schema itself.</summary>
    public const string Root = "#";

    private const int MostReferences = 1_000;
    private const int MostSteps = 100_000;

    // A longer schema may hold more schemas than are walked.
    private const int LongestUnread = 64 * 1024;

    private static readonly byte[][] OneSchema = Words(
        "items", "additionalProperties", "additionalItems", "contains", "propertyNames", "not", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties");

    private static readonly byte[][] ManySchemas = Words("anyOf", "oneOf", "allOf", "prefixItems", "items");

    private static readonly byte[][] NamedSchemas = Words("properties", "patternProperties", "dependentSchemas", "dependencies");

    private readonly Dictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private readonly Stack<Node> open = [];
    private readonly JsonElement root;
    private int steps;
    private int order;

    public SchemaGraph(JsonElement root)
    {
        this.root = root;
        var json = JsonMarshal.GetRawUtf8Value(root);
        // An escape may hide the word.
        HasReferences = json.Length > LongestUnread || json.IndexOf("$ref"u8) >= 0 || json.IndexOf("\\u"u8) >= 0;
        if (HasReferences)
            Visit(Add(Root));
    }

    /// <summary>There may be references; without any there is nothing to walk.</summary>
    public bool HasReferences { get; }

    /// <summary>There are more references, or more schemas behind them, than are followed.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>What a reference names; null where it leads nowhere, outside, or beyond the bounds.</summary>
    public JsonElement? Find(string reference)
    {
        if (!nodes.TryGetValue(reference, out var node))
            node = Add(reference);
        return node.Target;
    }

    /// <summary>Following the reference comes back to it.</summary>
    public bool IsRecursive(string reference) => nodes.TryGetValue(reference, out var node) && node.IsRecursive;

    /// <summary>Both references are on one way around.</summary>
    public bool AreOnOneCycle(string one, string other) =>
        nodes.TryGetValue(one, out var a) && nodes.TryGetValue(other, out var b) && a.IsRecursive && a.Cycle == b.Cycle;

    private Node Add(string reference)
    {
        IsTooLarge |= nodes.Count >= MostReferences;
        var node = new Node(IsTooLarge ? null : SchemaReferences.Find(root, reference));
        if (!IsTooLarge)
            nodes.Add(reference, node);
        return node;
    }

    // Tarjan's strongly connected components. At most MostReferences deep.
    private void Visit(Node node)
    {
        node.Order = node.Low = ++order;
        node.IsOpen = true;
        open.Push(node);
        if (node.Target is { } target)
            Walk(target, node, 0);
        foreach (var next in node.Next)
        {
            if (next.Order == 0)
            {
                Visit(next);
                node.Low = Math.Min(node.Low, next.Low);
            }
            else if (next.IsOpen)
            {
                node.Low = Math.Min(node.Low, next.Order);
            }

            node.IsRecursive |= ReferenceEquals(next, node);
        }

        if (node.Low != node.Order)
            return;
        var isAlone = ReferenceEquals(open.Peek(), node);
        Node member;
        do
        {
            member = open.Pop();
            member.IsOpen = false;
            member.Cycle = node.Order;
            member.IsRecursive |= !isAlone;
        }
        while (!ReferenceEquals(member, node));
    }

    private void Walk(JsonElement schema, Node from, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || IsTooLarge)
            return;
        if (++steps > MostSteps || depth > JsonReading.MaxDepth)
        {
            IsTooLarge = true;
            return;
        }

        if (schema.Text("$ref"u8) is { } reference)
        {
            var node = nodes.GetValueOrDefault(reference) ?? Add(reference);
            from.Next.Add(node);
        }

        foreach (var keyword in OneSchema)
        {
            if (schema.Member(keyword) is { } inner)
                Walk(inner, from, depth + 1);
        }

        foreach (var keyword in ManySchemas)
        {
            if (schema.Member(keyword) is not { ValueKind: JsonValueKind.Array } list)
                continue;
            foreach (var inner in list.EnumerateArray())
                Walk(inner, from, depth + 1);
        }

        foreach (var keyword in NamedSchemas)
        {
            if (schema.Member(keyword) is not { ValueKind: JsonValueKind.Object } named)
                continue;
            foreach (var inner in named.EnumerateObject())
                Walk(inner.Value, from, depth + 1);
        }
    }

    private static byte[][] Words(params string[] words) => [.. words.Select(Encoding.UTF8.GetBytes)];

    private sealed class Node(JsonElement? target)
    {
        public JsonElement? Target { get; } = target;
        public HashSet<Node> Next { get; } = [];
        public int Order { get; set; }
        public int Low { get; set; }
        public int Cycle { get; set; }
        public bool IsOpen { get; set; }
        public bool IsRecursive { get; set; }
    }
}
