// Stubs for Unity's types that the sample uses. They do just enough for its tests, and are not shipped.
using System;
using System.Collections.Generic;
using System.Linq;

namespace UnityEngine
{
    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type requiredComponent)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CreateAssetMenuAttribute : Attribute
    {
        public string fileName { get; set; }

        public string menuName { get; set; }
    }

    public class Object
    {
    }

    public class MonoBehaviour : Object
    {
        /// <summary>The other components of the same object.</summary>
        public List<MonoBehaviour> Siblings { get; } = new List<MonoBehaviour>();

        public T GetComponent<T>()
        {
            return Siblings.OfType<T>().FirstOrDefault();
        }
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>()
            where T : ScriptableObject, new()
        {
            return new T();
        }
    }

    public class TextAsset : Object
    {
        public string text { get; set; }
    }

    public class TextMesh
    {
        public string text { get; set; }
    }

    public class WaitForSecondsRealtime
    {
        public WaitForSecondsRealtime(float time)
        {
        }
    }

    public static class Resources
    {
        public static Dictionary<string, Object> All { get; } = new Dictionary<string, Object>();

        public static T Load<T>(string path)
            where T : Object
        {
            Object found;
            return All.TryGetValue(path, out found) ? (T)found : null;
        }
    }

    public static class Application
    {
        public static string persistentDataPath { get; set; }
    }

    public static class Debug
    {
        public static void LogWarning(object message)
        {
        }
    }

    public static class Screen
    {
        public static int width { get; }

        public static int height { get; }
    }

    public struct Rect
    {
        public Rect(float x, float y, float width, float height)
        {
        }
    }

    public static class GUI
    {
        public static void Label(Rect position, string text)
        {
        }
    }
}

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute
    {
        public CustomEditor(Type inspectedType)
        {
        }
    }

    public enum MessageType
    {
        Error,
    }

    public class Editor
    {
        public UnityEngine.Object target { get; set; }

        public virtual void OnInspectorGUI()
        {
        }

        public bool DrawDefaultInspector()
        {
            return false;
        }
    }

    public static class EditorGUILayout
    {
        public static List<string> Shown { get; } = new List<string>();

        public static void HelpBox(string message, MessageType type)
        {
            Shown.Add(message);
        }
    }
}
